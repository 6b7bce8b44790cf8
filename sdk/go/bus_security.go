package cronobs

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"os"
	"slices"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"
)

// The properties of Config.Kafka, under the names that other clients have for them.
const (
	propertyProtocol    = "security.protocol"
	propertyMechanism   = "sasl.mechanism"
	propertyMechanisms  = "sasl.mechanisms"
	propertyUser        = "sasl.username"
	propertyPassword    = "sasl.password"
	propertyAuthorities = "ssl.ca.location"
	propertyCertificate = "ssl.certificate.location"
	propertyKey         = "ssl.key.location"
)

var properties = []string{propertyProtocol, propertyMechanism, propertyMechanisms, propertyUser, propertyPassword, propertyAuthorities,
	propertyCertificate, propertyKey}

// securityOptions of all clients; the error is a *SettingError.
func securityOptions(kafka map[string]string) ([]kgo.Opt, error) {
	for name := range kafka {
		if !slices.Contains(properties, name) {
			return nil, settingErrorf("Kafka: there is no property '%s'; there are %s", name, strings.Join(properties, ", "))
		}
	}
	protocol := strings.ToUpper(cmp.Or(kafka[propertyProtocol], "PLAINTEXT"))
	var options []kgo.Opt
	switch protocol {
	case "PLAINTEXT", "SASL_PLAINTEXT":
	case "SSL", "SASL_SSL":
		config, err := tlsConfig(kafka)
		if err != nil {
			return nil, err
		}
		options = append(options, kgo.DialTLSConfig(config))
	default:
		return nil, settingErrorf("Kafka: %s: '%s' is none of PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL", propertyProtocol, protocol)
	}
	if strings.HasPrefix(protocol, "SASL_") {
		mechanism, err := mechanismOf(kafka)
		if err != nil {
			return nil, err
		}
		options = append(options, kgo.SASL(mechanism))
	}
	return options, nil
}

func mechanismOf(kafka map[string]string) (sasl.Mechanism, error) {
	user, password := kafka[propertyUser], kafka[propertyPassword]
	if user == "" || password == "" {
		return nil, settingErrorf("Kafka: %s needs %s and %s", propertyProtocol, propertyUser, propertyPassword)
	}
	login := scram.Auth{User: user, Pass: password}
	switch name := cmp.Or(kafka[propertyMechanism], kafka[propertyMechanisms], "PLAIN"); name {
	case "PLAIN":
		return plain.Auth{User: user, Pass: password}.AsMechanism(), nil
	case "SCRAM-SHA-256":
		return login.AsSha256Mechanism(), nil
	case "SCRAM-SHA-512":
		return login.AsSha512Mechanism(), nil
	default:
		return nil, settingErrorf("Kafka: %s: '%s' is none of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512", propertyMechanism, name)
	}
}

func tlsConfig(kafka map[string]string) (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if path := kafka[propertyAuthorities]; path != "" {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, settingErrorf("Kafka: %s: %v", propertyAuthorities, err)
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(text) {
			return nil, settingErrorf("Kafka: %s: '%s' has no certificate in PEM", propertyAuthorities, path)
		}
	}
	certificate, key := kafka[propertyCertificate], kafka[propertyKey]
	if (certificate == "") != (key == "") {
		return nil, settingErrorf("Kafka: %s and %s go together", propertyCertificate, propertyKey)
	}
	if certificate != "" {
		pair, err := tls.LoadX509KeyPair(certificate, key)
		if err != nil {
			return nil, settingErrorf("Kafka: %s: %v", propertyCertificate, err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, nil
}

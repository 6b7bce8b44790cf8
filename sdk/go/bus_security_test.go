package cronobs

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl"
)

// clientOf makes a client of the properties; it does not connect.
func clientOf(t *testing.T, kafka map[string]string) *kgo.Client {
	t.Helper()
	options, err := securityOptions(kafka)
	if err != nil {
		t.Fatal(err)
	}
	client, err := kgo.NewClient(options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

func tlsOf(client *kgo.Client) *tls.Config {
	found, _ := client.OptValue(kgo.DialTLSConfig).(*tls.Config)
	return found
}

func TestPropertiesSayHowTheClientConnectsAndLogsIn(t *testing.T) {
	login := func(more ...string) map[string]string {
		kafka := map[string]string{propertyUser: "alice", propertyPassword: "secret"}
		for pair := range slices.Chunk(more, 2) {
			kafka[pair[0]] = pair[1]
		}
		return kafka
	}
	for _, c := range []struct {
		kafka     map[string]string
		isTLS     bool
		mechanism string // "": none
	}{
		{nil, false, ""},
		{login(), false, ""},
		{login(propertyProtocol, "PLAINTEXT", propertyMechanism, "PLAIN"), false, ""},
		{login(propertyProtocol, "SSL"), true, ""},
		{login(propertyProtocol, "SASL_PLAINTEXT"), false, "PLAIN"},
		{login(propertyProtocol, "sasl_ssl", propertyMechanism, "PLAIN"), true, "PLAIN"},
		{login(propertyProtocol, "SASL_SSL", propertyMechanism, "SCRAM-SHA-256"), true, "SCRAM-SHA-256"},
		{login(propertyProtocol, "SASL_SSL", propertyMechanisms, "SCRAM-SHA-512"), true, "SCRAM-SHA-512"},
	} {
		client := clientOf(t, c.kafka)
		config := tlsOf(client)
		if (config != nil) != c.isTLS || (c.isTLS && (config.MinVersion != tls.VersionTLS12 || config.InsecureSkipVerify)) {
			t.Errorf("%v: %+v", c.kafka, config)
		}
		name := ""
		if found, _ := client.OptValue(kgo.SASL).([]sasl.Mechanism); len(found) > 0 {
			name = found[0].Name()
		}
		if name != c.mechanism {
			t.Errorf("%v: logs in by '%s'", c.kafka, name)
		}
	}
}

func TestABrokerIsBelievedByItsAuthorityAlone(t *testing.T) {
	folder := t.TempDir()
	certificate, key := filepath.Join(folder, "own.pem"), filepath.Join(folder, "own.key")
	pair := newCertificate(t, certificate, key)
	listener := listen(t, pair)
	for _, c := range []struct {
		name  string
		kafka map[string]string
		isOK  bool
	}{
		{"the system's authorities", map[string]string{propertyCertificate: certificate, propertyKey: key}, false},
		{"no certificate of its own", map[string]string{propertyAuthorities: certificate}, false},
		{"both", map[string]string{propertyAuthorities: certificate, propertyCertificate: certificate, propertyKey: key}, true},
	} {
		c.kafka[propertyProtocol] = "SSL"
		if err := shakeHands(t, listener, tlsOf(clientOf(t, c.kafka))); (err == nil) != c.isOK {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// newCertificate signs itself, for 127.0.0.1.
func newCertificate(t *testing.T, path, keyPath string) tls.Certificate {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	signed, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	write(t, path, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signed})))
	write(t, keyPath, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})))
	pair, err := tls.LoadX509KeyPair(path, keyPath)
	if err != nil {
		t.Fatal(err)
	}
	return pair
}

// listen as a broker does that wants a certificate of its clients.
func listen(t *testing.T, pair tls.Certificate) net.Listener {
	t.Helper()
	clients := x509.NewCertPool()
	clients.AddCert(pair.Leaf)
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{
		Certificates: []tls.Certificate{pair}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: clients, MinVersion: tls.VersionTLS12,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	return listener
}

// shakeHands of both sides.
func shakeHands(t *testing.T, listener net.Listener, config *tls.Config) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	accepted := make(chan error, 1)
	go func() {
		conn, err := listener.Accept()
		if err == nil {
			defer conn.Close()
			err = conn.(*tls.Conn).HandshakeContext(ctx)
		}
		accepted <- err
	}()
	dialer := tls.Dialer{Config: config}
	conn, err := dialer.DialContext(ctx, "tcp", listener.Addr().String())
	if err == nil {
		defer conn.Close()
	}
	return errors.Join(err, <-accepted)
}

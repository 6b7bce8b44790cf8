package cronobs

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

func TestAFieldCountsBeforeTheEnvironmentAndThatBeforeTheDefault(t *testing.T) {
	env := []string{"CRONOBS_QUEUE=env", "CRONOBS_BROKERS=there:1", "CRONOBS_WORKER_DRAIN=1m30s", "CRONOBS_WORKER_CONCURRENCY=3", "CRONOBS_TOPIC_PREFIX="}
	c, err := resolve(Config{Queue: "given", Backlog: time.Hour}, env)
	if err != nil {
		t.Fatal(err)
	}
	if c.Queue != "given" || c.Brokers != "there:1" || c.Drain != 90*time.Second || c.Backlog != time.Hour || c.SessionTimeout != 10*time.Second ||
		c.Concurrency != 3 || c.TopicPrefix != "cronobs." || c.Group != "cronobs-work-given" || !strings.HasSuffix(c.Name, fmt.Sprint("/", os.Getpid())) {
		t.Errorf("%+v", c)
	}
	if c, err = resolve(Config{Drain: NoDrain}, env); err != nil || c.Drain != 0 || c.Queue != "env" {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestPropertiesOfTheClientComeFromTheEnvironmentToo(t *testing.T) {
	c, err := resolve(Config{Queue: "q", Kafka: map[string]string{"sasl.username": "given"}},
		[]string{"CRONOBS_KAFKA_SASL_USERNAME=env", "CRONOBS_KAFKA_SECURITY_PROTOCOL=SASL_SSL", "CRONOBS_KAFKA_SESSION_TIMEOUT=6s"})
	if err != nil || len(c.Kafka) != 2 || c.Kafka["sasl.username"] != "given" || c.Kafka["security.protocol"] != "SASL_SSL" {
		t.Errorf("%v, %v", c.Kafka, err)
	}
}

func TestAWrongSettingIsToldWithItsNameItsValueAndTheWayOut(t *testing.T) {
	property := func(name string) Config { return Config{Queue: "q", Kafka: map[string]string{name: "x"}} }
	for _, c := range []struct {
		given Config
		env   string
		words []string
	}{
		{Config{}, "", []string{"Queue: none given", "CRONOBS_QUEUE"}},
		{Config{Queue: "Über"}, "", []string{"Queue: 'Über' must be of a-z"}},
		{Config{Queue: strings.Repeat("q", 101)}, "", []string{"101 characters, the limit is 100"}},
		{Config{Queue: "q", Concurrency: 1001}, "", []string{"Concurrency: 1001 is outside 1-1000"}},
		{Config{Queue: "q"}, "CRONOBS_WORKER_CONCURRENCY=many", []string{"CRONOBS_WORKER_CONCURRENCY: 'many' is not a whole number"}},
		{Config{Queue: "q"}, "CRONOBS_WORKER_DRAIN=soon", []string{"CRONOBS_WORKER_DRAIN: 'soon' is not a duration like"}},
		{Config{Queue: "q", Backlog: 36_601 * day}, "", []string{"Backlog: 36601d is outside 0s-36600d"}},
		{Config{Queue: "q", SessionTimeout: time.Millisecond}, "", []string{"SessionTimeout: 1ms is outside 1s-30m"}},
		{Config{Queue: "q", Brokers: "user:secret@host:1"}, "", []string{"Brokers: names and passwords do not belong there"}},
		{Config{Queue: "q", Name: strings.Repeat("n", 201)}, "", []string{"Name: has 201 bytes, the limit is 200"}},
		{property("group.id"), "", []string{"'group.id' may not be set; give the setting Group"}},
		{property("isolation.level"), "", []string{"'isolation.level' may not be set; leave it out"}},
	} {
		_, err := resolve(c.given, []string{c.env})
		if _, ok := errors.AsType[*SettingError](err); !ok || ExitCode(err) != 64 {
			t.Errorf("%+v: %v", c.given, err)
			continue
		}
		for _, words := range c.words {
			if !strings.Contains(err.Error(), words) || strings.Contains(err.Error(), "secret") {
				t.Errorf("'%v' does not say '%s'", err, words)
			}
		}
	}
}

func TestSecurityNeedsWhatBelongsTogether(t *testing.T) {
	for _, c := range []struct {
		kafka map[string]string
		words string
	}{
		{map[string]string{"linger.ms": "1"}, "there is no property 'linger.ms'; there are security.protocol"},
		{map[string]string{"security.protocol": "TLS"}, "'TLS' is none of PLAINTEXT"},
		{map[string]string{"security.protocol": "SASL_SSL"}, "needs sasl.username and sasl.password"},
		{map[string]string{"security.protocol": "ssl", "ssl.ca.location": "/nowhere"}, "ssl.ca.location: open /nowhere"},
		{map[string]string{"security.protocol": "SSL", "ssl.key.location": "/nowhere"}, "go together"},
		{map[string]string{"security.protocol": "SASL_PLAINTEXT", "sasl.username": "u", "sasl.password": "p", "sasl.mechanism": "GSSAPI"}, "'GSSAPI' is none of"},
	} {
		if _, err := securityOptions(c.kafka); err == nil || !strings.Contains(err.Error(), c.words) {
			t.Errorf("%v: %v", c.kafka, err)
		}
	}
	login := map[string]string{"security.protocol": "SASL_SSL", "sasl.username": "u", "sasl.password": "p", "sasl.mechanisms": "SCRAM-SHA-512"}
	if options, err := securityOptions(login); err != nil || len(options) != 2 {
		t.Errorf("%d options, %v", len(options), err)
	}
}

func TestDurationsAreWrittenAsTheyAreRead(t *testing.T) {
	for text, of := range map[string]time.Duration{"0s": 0, "250ms": 250 * time.Millisecond, "1h30m": 90 * time.Minute, "2d3s": 2*day + 3*time.Second} {
		if found, ok := parseDuration(text); !ok || found != of || durationText(of) != text {
			t.Errorf("%s: %v, %s", text, found, durationText(of))
		}
	}
	for _, text := range []string{"", "5", "1x", "99999999999999999999s", "99999999999w", "9223372036854775807ms", "1h ", "-1s", "1.5s"} {
		if _, ok := parseDuration(text); ok {
			t.Errorf("'%s' was read", text)
		}
	}
}

func TestExitCodesSayWhatToDo(t *testing.T) {
	for code, err := range map[int]error{0: nil, 1: &LeftError{2}, 64: settingErrorf("x"), 75: fmt.Errorf("%w: 'me'", ErrFenced)} {
		if ExitCode(err) != code {
			t.Errorf("%v: %d", err, ExitCode(err))
		}
	}
}

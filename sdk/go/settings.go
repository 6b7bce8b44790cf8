package cronobs

import (
	"cmp"
	"fmt"
	"log/slog"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"cronobs.io/sdk/client"
)

// Config is what a worker is told; docs/workers/go.md lists it. What is not given comes from the environment, and what is not there either
// has a default; an empty variable is none.
type Config struct {
	Queue          string            // CRONOBS_QUEUE: the queue to work on; required
	Brokers        string            // CRONOBS_BROKERS: addresses of Kafka, HOST:PORT,...
	TopicPrefix    string            // CRONOBS_TOPIC_PREFIX: what the names of all topics begin with
	Concurrency    int               // CRONOBS_WORKER_CONCURRENCY: how many executions run at a time
	Group          string            // CRONOBS_WORKER_GROUP: consumer group; all workers of a queue share it
	Name           string            // CRONOBS_WORKER_NAME: who the worker is, shown in the history
	Instance       string            // CRONOBS_WORKER_INSTANCE: a static member of the group, which no second process may be
	Drain          time.Duration     // CRONOBS_WORKER_DRAIN: how long running handlers may go on; NoDrain: not at all
	Backlog        time.Duration     // CRONOBS_WORKER_BACKLOG: where the group has no position, what is older is left alone
	SessionTimeout time.Duration     // CRONOBS_KAFKA_SESSION_TIMEOUT: how long a silent worker keeps its partitions
	Kafka          map[string]string // CRONOBS_KAFKA_...: security.protocol, sasl.*, ssl.*
	URL            string            // CRONOBS_URL: the API, for Ensure of Observer

	// StopWhenLost ends a handler (ErrLost) when no sign of life of it has reached the brokers for three heartbeats.
	StopWhenLost bool

	// Logger takes the worker's own words, the same ones once in ten seconds. nil: slog.Default() with the attribute logger=cronobs.
	Logger *slog.Logger
}

// NoDrain as Config.Drain: handlers are told to end with the first signal.
const NoDrain time.Duration = -1

// A SettingError says that a setting is wrong: which, its value, the limit and the way out.
type SettingError struct{ text string }

func (e *SettingError) Error() string { return e.text }

func settingErrorf(format string, args ...any) error {
	return &SettingError{fmt.Sprintf(format, args...)}
}

type settingKind uint8

const (
	kindText settingKind = iota
	kindNumber
	kindDuration
	kindProperties
)

// A setting is one line of the table from which checks, their errors and the page's table come.
type setting struct {
	field, variable string
	kind            settingKind
	fallback        string // as it would stand in the environment; "": there is none
	help            string
	low, high       int64 // of durations in milliseconds
	of              func(c *Config) any
}

const (
	day         = 24 * time.Hour
	queueMax    = 100
	nameMax     = 200 // bytes
	kafkaPrefix = "CRONOBS_KAFKA_"
)

var settings = []setting{
	{"Queue", "CRONOBS_QUEUE", kindText, "", "The queue to work on. Required.", 0, 0, func(c *Config) any { return &c.Queue }},
	{"Brokers", "CRONOBS_BROKERS", kindText, "127.0.0.1:9092", "Addresses of Kafka, HOST:PORT,...", 0, 0,
		func(c *Config) any { return &c.Brokers }},
	{"TopicPrefix", "CRONOBS_TOPIC_PREFIX", kindText, "cronobs.", "What the names of all topics begin with.", 0, 0,
		func(c *Config) any { return &c.TopicPrefix }},
	{"Concurrency", "CRONOBS_WORKER_CONCURRENCY", kindNumber, "16", "How many executions run at a time.", 1, 1000,
		func(c *Config) any { return &c.Concurrency }},
	{"Group", "CRONOBS_WORKER_GROUP", kindText, "",
		"Consumer group; `<prefix less its dot>-work-<queue>` where none is given. All workers of a queue share it.", 0, 0,
		func(c *Config) any { return &c.Group }},
	{"Name", "CRONOBS_WORKER_NAME", kindText, "", "Who the worker is, shown in the history; `<host>/<process id>` where none is given.", 0, 0,
		func(c *Config) any { return &c.Name }},
	{"Instance", "CRONOBS_WORKER_INSTANCE", kindText, "",
		"A name that stays the same over restarts: a static member of the group, which no second process may be.", 0, 0,
		func(c *Config) any { return &c.Instance }},
	{"Drain", "CRONOBS_WORKER_DRAIN", kindDuration, "25s",
		"How long running handlers may go on after the first signal; in a program `NoDrain` is none.", 0, 86_400_000,
		func(c *Config) any { return &c.Drain }},
	{"Backlog", "CRONOBS_WORKER_BACKLOG", kindDuration, "1d", "Where the group has no position, executions older than this are left alone.", 0,
		36_600 * 86_400_000, func(c *Config) any { return &c.Backlog }},
	{"SessionTimeout", "CRONOBS_KAFKA_SESSION_TIMEOUT", kindDuration, "10s", "How long a silent worker keeps its partitions.", 1_000, 1_800_000,
		func(c *Config) any { return &c.SessionTimeout }},
	{"Kafka", kafkaPrefix + "...", kindProperties, "",
		"Properties of the client: `security.protocol`, `sasl.*`, `ssl.*`; `CRONOBS_KAFKA_SASL_USERNAME` is `sasl.username`.", 0, 0,
		func(c *Config) any { return &c.Kafka }},
	{"URL", "CRONOBS_URL", kindText, client.DefaultURL, "The API, for `Ensure` of `Observer`.", 0, 0, func(c *Config) any { return &c.URL }},
}

// fixed are properties of other clients that say what a setting says, or what all workers of a queue depend on ("").
var fixed = map[string]string{"bootstrap.servers": "Brokers", "metadata.broker.list": "Brokers", "group.id": "Group", "group.instance.id": "Instance",
	"client.id": "Name", "session.timeout.ms": "SessionTimeout", "isolation.level": "", "enable.auto.commit": "", "auto.offset.reset": "",
	"allow.auto.create.topics": "", "group.protocol": "", "partition.assignment.strategy": "", "heartbeat.interval.ms": "", "enable.idempotence": "",
	"acks": "", "transactional.id": "", "partitioner": ""}

// resolve gives the settings of a worker, complete and checked; environment is os.LookupEnv's.
func resolve(given Config, environment []string) (Config, error) {
	env := map[string]string{}
	for _, pair := range environment {
		if name, value, _ := strings.Cut(pair, "="); strings.HasPrefix(name, "CRONOBS_") && value != "" {
			env[name] = value
		}
	}
	c := given
	for i := range settings {
		if err := settings[i].resolve(&c, env); err != nil {
			return c, err
		}
	}
	if c.Group == "" {
		c.Group = strings.TrimSuffix(c.TopicPrefix, ".") + "-work-" + c.Queue
	}
	if c.Name == "" {
		host, _ := os.Hostname()
		c.Name = fmt.Sprintf("%s/%d", cmp.Or(host, "localhost"), os.Getpid())
	}
	return c, check(&c)
}

func (s *setting) resolve(c *Config, env map[string]string) error {
	text, where := env[s.variable], s.variable
	if text == "" {
		text, where = s.fallback, s.field
	}
	switch at := s.of(c).(type) {
	case *string:
		*at = cmp.Or(*at, text)
	case *int:
		return s.number(at, text, where)
	case *time.Duration:
		return s.duration(at, text, where)
	case *map[string]string:
		return s.properties(at, env)
	}
	return nil
}

func (s *setting) number(at *int, text, where string) error {
	if *at == 0 {
		number, err := strconv.Atoi(text)
		if err != nil {
			return settingErrorf("%s: '%s' is not a whole number; give one from %d to %d", where, text, s.low, s.high)
		}
		*at = number
	} else {
		where = s.field
	}
	if int64(*at) < s.low || int64(*at) > s.high {
		return settingErrorf("%s: %d is outside %d-%d", where, *at, s.low, s.high)
	}
	return nil
}

func (s *setting) duration(at *time.Duration, text, where string) error {
	switch {
	case *at == NoDrain && s.field == "Drain":
		*at = 0
		return nil
	case *at == 0:
		found, ok := parseDuration(text)
		if !ok {
			return settingErrorf("%s: '%s' is not a duration like 250ms, 90s, 1h30m or 1d", where, text)
		}
		*at = found
	default:
		where = s.field
	}
	if low, high := time.Duration(s.low)*time.Millisecond, time.Duration(s.high)*time.Millisecond; *at < low || *at > high {
		return settingErrorf("%s: %s is outside %s-%s", where, durationText(*at), durationText(low), durationText(high))
	}
	return nil
}

func (s *setting) properties(at *map[string]string, env map[string]string) error {
	found := map[string]string{}
	for name, value := range env {
		if rest, ok := strings.CutPrefix(name, kafkaPrefix); ok && !isVariable(name) {
			found[strings.ReplaceAll(strings.ToLower(rest), "_", ".")] = value
		}
	}
	for name, value := range *at {
		found[name] = value
	}
	*at = found
	for name := range found {
		if instead, isFixed := fixed[name]; isFixed && instead != "" {
			return settingErrorf("Kafka: the property '%s' may not be set; give the setting %s", name, instead)
		} else if isFixed {
			return settingErrorf("Kafka: the property '%s' may not be set; leave it out: all workers of a queue depend on it", name)
		}
	}
	return nil
}

func isVariable(name string) bool {
	for i := range settings {
		if settings[i].variable == name {
			return true
		}
	}
	return false
}

var queueName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]*$`)

func check(c *Config) error {
	switch {
	case c.Queue == "":
		return settingErrorf("Queue: none given; set CRONOBS_QUEUE, or Config{Queue: \"reports\"}")
	case len(c.Queue) > queueMax:
		return settingErrorf("Queue: '%.40s...' has %d characters, the limit is %d", c.Queue, len(c.Queue), queueMax)
	case !queueName.MatchString(c.Queue):
		return settingErrorf("Queue: '%s' must be of a-z 0-9 . _ - and begin with a-z or 0-9", c.Queue)
	case strings.ContainsAny(c.Brokers, "@="):
		return settingErrorf("Brokers: names and passwords do not belong there; give sasl.username and sasl.password in Kafka")
	case len(c.Name) > nameMax:
		return settingErrorf("Name: has %d bytes, the limit is %d", len(c.Name), nameMax)
	}
	return nil
}

var units = []struct {
	name string
	of   time.Duration
}{{"d", day}, {"h", time.Hour}, {"m", time.Minute}, {"s", time.Second}, {"ms", time.Millisecond}}

var durationPart = regexp.MustCompile(`^([0-9]+)(ms|[wdhms])`)

// parseDuration reads texts such as 250ms, 90s, 1h30m or 1d.
func parseDuration(text string) (time.Duration, bool) {
	if text == "0" {
		return 0, true
	}
	total := time.Duration(0)
	for rest := text; rest != ""; {
		part := durationPart.FindStringSubmatch(rest)
		if part == nil {
			return 0, false
		}
		number, err := strconv.ParseInt(part[1], 10, 64)
		unit := unitOf(part[2])
		if err != nil || number > int64((math.MaxInt64-total)/unit) {
			return 0, false
		}
		total += time.Duration(number) * unit
		rest = rest[len(part[0]):]
	}
	return total, text != ""
}

func unitOf(name string) time.Duration {
	for _, unit := range units {
		if unit.name == name {
			return unit.of
		}
	}
	return 7 * day
}

// durationText is the shortest that means the same, up to days.
func durationText(d time.Duration) string {
	text := ""
	for _, unit := range units {
		if number := d / unit.of; number != 0 {
			text += fmt.Sprintf("%d%s", number, unit.name)
			d -= number * unit.of
		}
	}
	return cmp.Or(text, "0s")
}

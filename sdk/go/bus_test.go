package cronobs

import (
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

func TestEverySettingThatIsTakenMakesAMember(t *testing.T) {
	for _, session := range []time.Duration{time.Second, 6 * time.Second, 30 * time.Minute} {
		c, err := resolve(Config{Queue: "q", SessionTimeout: session, Instance: "me"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		options, err := clientOptions(&c)
		if err != nil {
			t.Fatal(err)
		}
		for name, of := range map[string][]kgo.Opt{"member": memberOptions(&c, "q"), "reader": readerOptions(kgo.ReadCommitted())} {
			if err := kgo.ValidateOpts(append(options, of...)...); err != nil {
				t.Errorf("%s with a session of %v: %v", name, session, err)
			}
		}
	}
}

func TestAddressesThatAreNoneAreTold(t *testing.T) {
	_, err := New(Config{Queue: "q", Brokers: "host:port"})
	if _, ok := errors.AsType[*SettingError](err); !ok || !strings.Contains(err.Error(), "'host:port'") {
		t.Errorf("%v", err)
	}
}

func TestACommitIsMadeRefusedOrWithoutAnAnswer(t *testing.T) {
	answer := func(code *kerr.Error) *kmsg.OffsetCommitResponse {
		p := kmsg.NewOffsetCommitResponseTopicPartition()
		if code != nil {
			p.ErrorCode = code.Code
		}
		return &kmsg.OffsetCommitResponse{Topics: []kmsg.OffsetCommitResponseTopic{{Partitions: []kmsg.OffsetCommitResponseTopicPartition{{}, p}}}}
	}
	for _, c := range []struct {
		answer   *kmsg.OffsetCommitResponse
		err      error
		expected storeOutcome
	}{
		{answer(nil), nil, storeMade}, {nil, errors.New("broken"), storeUnanswered}, {answer(kerr.RebalanceInProgress), nil, storeRefused},
		{answer(kerr.UnknownMemberID), nil, storeRefused}, {answer(kerr.FencedInstanceID), nil, storeRefused},
		{answer(kerr.RequestTimedOut), nil, storeUnanswered},
	} {
		if found, why := outcomeOf(c.answer, c.err); found != c.expected || (why == nil) != (found == storeMade) {
			t.Errorf("%v, %v: %v, %v", c.answer, c.err, found, why)
		}
	}
}

func TestOffsetsOfPartitionsThatHaveALeaderAreFoundAndWhatIsWrongIsTold(t *testing.T) {
	partition := func(number int32, code int16) kmsg.ListOffsetsResponseTopicPartition {
		p := kmsg.NewListOffsetsResponseTopicPartition()
		p.Partition, p.ErrorCode, p.Offset = number, code, int64(10*number)
		return p
	}
	answer := &kmsg.ListOffsetsResponse{Topics: []kmsg.ListOffsetsResponseTopic{{Topic: "q", Partitions: []kmsg.ListOffsetsResponseTopicPartition{
		partition(1, 0), partition(2, kerr.NotLeaderForPartition.Code)}}}}
	found, why := offsetsIn([]kgo.ResponseShard{{Err: errors.New("gone")}, {Resp: answer}}, "q")
	if len(found) != 1 || found[1] != 10 || why == nil || why.Error() != "gone" {
		t.Errorf("%v, %v", found, why)
	}
	if _, why := offsetsIn([]kgo.ResponseShard{{Resp: answer}}, "q"); !errors.Is(why, kerr.NotLeaderForPartition) || !strings.HasPrefix(why.Error(), "q[2]: ") {
		t.Errorf("%v", why)
	}
}

func TestAPartitionIsLocatedByItsPositionOrByTheBacklog(t *testing.T) {
	spots := spotsOf([]int32{0, 1, 2}, map[int32]int64{0: 9, 1: 19, 2: 29}, map[int32]int64{0: 5, 1: -1, 2: -1}, map[int32]int64{1: 12})
	if !slices.Equal(spots, []spot{{0, 5, unknown, 9}, {1, unknown, 12, 19}}) {
		t.Errorf("%v", spots)
	}
}

func TestWhatTheClientSaysIsTheSameWhenTheSameHappensAgain(t *testing.T) {
	var said []string
	l := clientLog{"group", func(_ slog.Level, text string) { said = append(said, text) }}
	l.Log(kgo.LogLevelError, "it failed", "err", errors.New("away"), "backoff", time.Second, "broker", 1)
	l.Log(kgo.LogLevelError, "it failed", "err", errors.New("away"), "backoff", time.Minute, "broker", 1)
	if len(said) != 2 || said[0] != "group: it failed err=away broker=1" || said[1] != said[0] {
		t.Errorf("%q", said)
	}
}

func TestARecordBecomesAMessageWithItsTrace(t *testing.T) {
	at := time.UnixMilli(1_764_000_000_000)
	m := messageOf(&kgo.Record{Partition: 2, Offset: 7, Timestamp: at, Value: []byte("v"), Headers: []kgo.RecordHeader{{Key: "x"}, {Key: "traceparent", Value: []byte("00-1")}}})
	if m.partition != 2 || m.offset != 7 || m.at != at.UnixMicro() || string(m.value) != "v" || m.traceparent != "00-1" {
		t.Errorf("%+v", m)
	}
}

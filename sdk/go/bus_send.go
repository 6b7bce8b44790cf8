package cronobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// A sender is the producer, and what is asked of the brokers by its client.
type sender struct {
	topics topicNames
	client *kgo.Client
	lock   sync.Mutex
	heard  []delivery
	wake   func() // deliveries are there, where none were
}

// A delivery is what became of a record.
type delivery struct {
	run        *run
	isBeat     bool
	err        error
	isHopeless bool // it will never be taken
}

func newSender(topics topicNames, options []kgo.Opt) (*sender, error) {
	client, err := kgo.NewClient(append(options, kgo.RequiredAcks(kgo.AllISRAcks()), kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.ProducerLinger(time.Millisecond), kgo.ProducerBatchCompression(kgo.NoCompression()), kgo.MaxBufferedRecords(buffered),
		kgo.RecordDeliveryTimeout(30*time.Second))...)
	if err != nil {
		return nil, settingErrorf("Brokers: %v", err)
	}
	return &sender{topics: topics, client: client}, nil
}

// producerLog makes notices of what the client says.
func producerLog(say func(slog.Level, string)) kgo.Opt {
	return kgo.WithLogger(&clientLog{"producer", say})
}

// send never waits. Called by the goroutine of whoever hears the deliveries.
func (s *sender) send(o *output, r *run) {
	record := &kgo.Record{Topic: s.topics.of(o.topic), Partition: o.partition, Key: []byte(o.key), Value: o.value}
	isBeat := o.topic == topicHeartbeats
	s.client.TryProduce(context.Background(), record, func(_ *kgo.Record, err error) { s.hear(r, isBeat, err) })
}

func (s *sender) hear(r *run, isBeat bool, err error) {
	s.lock.Lock()
	s.heard = append(s.heard, delivery{r, isBeat, err, isHopeless(err)})
	isFirst := len(s.heard) == 1
	s.lock.Unlock()
	if isFirst {
		s.wake()
	}
}

// deliveries since the last call.
func (s *sender) deliveries() []delivery {
	s.lock.Lock()
	defer s.lock.Unlock()
	heard := s.heard
	s.heard = nil
	return heard
}

func isHopeless(err error) bool {
	return errors.Is(err, kerr.MessageTooLarge) || errors.Is(err, kerr.InvalidRecord)
}

// A missingTopic error: there is none of that name.
type missingTopic struct{ name string }

func (m *missingTopic) Error() string {
	return fmt.Sprintf("there is no topic %s: run `cronobs topics apply`", m.name)
}

// describe topics.
func (s *sender) describe(ctx context.Context, names ...string) (*kmsg.MetadataResponse, error) {
	request := kmsg.NewPtrMetadataRequest()
	for _, name := range names {
		t := kmsg.NewMetadataRequestTopic()
		t.Topic = new(name)
		request.Topics = append(request.Topics, t)
	}
	ctx, cancel := context.WithTimeout(ctx, askFor)
	defer cancel()
	return request.RequestWith(ctx, s.client)
}

// count the partitions of topics.
func (s *sender) count(ctx context.Context, names ...string) (map[string]int32, error) {
	answer, err := s.describe(ctx, names...)
	if err != nil {
		return nil, fmt.Errorf("waiting for the brokers: %w", err)
	}
	counts := map[string]int32{}
	for _, t := range answer.Topics {
		err := kerr.ErrorForCode(t.ErrorCode)
		switch {
		case errors.Is(err, kerr.UnknownTopicOrPartition), err == nil && len(t.Partitions) == 0:
			return nil, &missingTopic{*t.Topic}
		case err != nil:
			return nil, fmt.Errorf("waiting for topic %s: %w", *t.Topic, err)
		}
		counts[*t.Topic] = int32(len(t.Partitions))
	}
	return counts, nil
}

// close drops what is on its way.
func (s *sender) close() { go s.client.Close() }

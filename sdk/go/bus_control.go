package cronobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// The topic control: what the scheduler has to say to workers, from the beginning and for as long as the worker lives.
//
// Nothing is claimed before it was read to where it ended at the start. A consumer of franz-go does not say how far it is: what of aborted transactions lies
// right before that end it drops, and the marker that would be seen may stand behind another transaction, open for minutes. So control is asked for by single
// requests, whose answers tell where reading goes on.

var decompressor = kgo.DefaultDecompressor()

// A controlReader reads control. One goroutine owns it.
type controlReader struct {
	bus     *bus
	leader  int32
	topicID [16]byte
	next    int64 // to be read; unknown: to be asked for, with end
	end     int64 // of what could be read at the start
	isKnown bool  // the engine knows that it was reached
}

func (b *bus) readControl() {
	r := &controlReader{bus: b, next: unknown}
	for b.ctx.Err() == nil {
		if err := r.read(); b.ctx.Err() == nil {
			b.say(slog.LevelWarn, fmt.Sprintf("could not read %s: %v", b.topics.control, err))
			b.wait(lookAgain)
		}
	}
}

// read until something goes wrong, and say what.
func (r *controlReader) read() error {
	if err := r.locate(); err != nil {
		return err
	}
	for {
		if r.next >= r.end && !r.isKnown {
			r.isKnown = true
			r.bus.post((*engine).controlIsRead)
		}
		messages, err := r.fetch()
		if err != nil {
			return err
		}
		if len(messages) > 0 {
			r.bus.post(func(e *engine) { e.signalled(messages) })
		}
	}
}

// locate who has it and, at the start, where it begins and ends.
func (r *controlReader) locate() (err error) {
	b := r.bus
	if r.leader, r.topicID, err = b.out.leaderOf(b.ctx, b.topics.control); err != nil || r.next != unknown {
		return err
	}
	starts, err := b.offsets(b.topics.control, []int32{0}, earliest, isCommitted)
	if err != nil {
		return err
	}
	ends, err := b.offsets(b.topics.control, []int32{0}, latest, isCommitted)
	if err != nil {
		return err
	}
	r.next, r.end = starts[0], ends[0]
	return nil
}

// fetch waits a moment for messages; there may be none.
func (r *controlReader) fetch() ([]message, error) {
	asked, err := r.bus.out.client.Broker(int(r.leader)).RetriableRequest(r.bus.ctx, r.request())
	if err != nil {
		return nil, err
	}
	answer := asked.(*kmsg.FetchResponse)
	if err := kerr.ErrorForCode(answer.ErrorCode); err != nil {
		return nil, err
	}
	if len(answer.Topics) == 0 || len(answer.Topics[0].Partitions) == 0 {
		return nil, nil
	}
	found, next := kgo.ProcessFetchPartition(kgo.ProcessFetchPartitionOpts{Offset: r.next, IsolationLevel: kgo.ReadCommitted(), Topic: r.bus.topics.control},
		&answer.Topics[0].Partitions[0], decompressor, nil)
	if errors.Is(found.Err, kerr.OffsetOutOfRange) {
		r.next = unknown // what was to be read is deleted, or the topic was made anew
	}
	if found.Err != nil {
		return nil, found.Err
	}
	r.next = next
	messages := make([]message, 0, len(found.Records))
	for _, record := range found.Records {
		messages = append(messages, messageOf(record))
	}
	return messages, nil
}

func (r *controlReader) request() *kmsg.FetchRequest {
	p := kmsg.NewFetchRequestTopicPartition()
	p.FetchOffset, p.PartitionMaxBytes = r.next, fetchBytes
	t := kmsg.NewFetchRequestTopic()
	t.Topic, t.TopicID, t.Partitions = r.bus.topics.control, r.topicID, []kmsg.FetchRequestTopicPartition{p}
	request := kmsg.NewPtrFetchRequest()
	request.MaxWaitMillis, request.MinBytes, request.MaxBytes = int32(fetchWait.Milliseconds()), 1, fetchBytes
	request.IsolationLevel, request.SessionEpoch = isCommitted, -1
	request.Topics = []kmsg.FetchRequestTopic{t}
	return request
}

// leaderOf partition 0 of a topic, and the id that brokers of today know the topic by.
func (s *sender) leaderOf(ctx context.Context, name string) (leader int32, id [16]byte, err error) {
	answer, err := s.describe(ctx, name)
	if err != nil {
		return 0, id, err
	}
	for _, t := range answer.Topics {
		for _, p := range t.Partitions {
			if p.Partition == 0 {
				return p.Leader, t.TopicID, kerr.ErrorForCode(p.ErrorCode)
			}
		}
	}
	return 0, id, &missingTopic{name}
}

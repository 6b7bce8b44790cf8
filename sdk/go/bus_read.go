package cronobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// A reading is that of one assignment.
type reading struct {
	bus        *bus
	generation int
	client     *kgo.Client
	ctx        context.Context
	stop       context.CancelFunc
	lock       sync.Mutex
	ends       map[int32]int64 // to be told when they are reached
}

func readerOptions(level kgo.IsolationLevel) []kgo.Opt {
	return []kgo.Opt{kgo.FetchIsolationLevel(level), kgo.KeepControlRecords(), kgo.ConsumeResetOffset(kgo.NoResetOffset()), kgo.FetchMaxWait(fetchWait),
		kgo.FetchMaxBytes(fetchBytes)}
}

func (b *bus) begin(generation int, spots []spot) {
	b.lock.Lock()
	if b.reading == nil {
		r := &reading{bus: b, generation: generation, ends: map[int32]int64{}}
		r.ctx, r.stop = context.WithCancel(b.ctx)
		r.client = b.newClient("consumer", readerOptions(kgo.ReadCommitted())...)
		b.reading = r
	}
	r := b.reading
	b.lock.Unlock()
	go r.begin(spots)
}

func (r *reading) begin(spots []spot) {
	offsets, nothing := map[int32]kgo.Offset{}, map[int32]int64{}
	numbers := make([]int32, 0, len(spots))
	r.lock.Lock()
	for _, s := range spots {
		numbers = append(numbers, s.partition)
		offsets[s.partition] = kgo.NewOffset().At(s.stored)
		if s.stored >= s.end {
			nothing[s.partition] = s.stored
		} else {
			r.ends[s.partition] = s.end
		}
	}
	r.lock.Unlock()
	if len(nothing) > 0 {
		r.bus.post(func(e *engine) { e.reached(r.generation, nothing) })
	}
	name := r.bus.topics.queue
	r.client.RemoveConsumePartitions(map[string][]int32{name: numbers})
	r.client.AddConsumePartitions(map[string]map[int32]kgo.Offset{name: offsets})
}

func (b *bus) release() {
	b.lock.Lock()
	r := b.reading
	b.reading = nil
	b.lock.Unlock()
	if r != nil {
		r.stop()
		go r.client.Close()
	}
}

func (b *bus) read(room int) {
	b.lock.Lock()
	r := b.reading
	b.lock.Unlock()
	go r.read(room)
}

func (r *reading) read(room int) {
	fetches := r.client.PollRecords(r.ctx, room)
	if r.ctx.Err() != nil {
		return
	}
	messages, ends := r.take(fetches)
	if len(messages) == 0 && fetches.Err() != nil {
		r.bus.wait(retryAfter)
	}
	r.bus.post(func(e *engine) { e.fetched(r.generation, messages, ends) })
}

func (r *reading) take(fetches kgo.Fetches) ([]message, map[int32]int64) {
	messages := make([]message, 0, fetches.NumRecords())
	ends := map[int32]int64{}
	r.lock.Lock()
	defer r.lock.Unlock()
	fetches.EachPartition(func(p kgo.FetchTopicPartition) {
		for _, record := range p.Records {
			messages = append(messages, messageOf(record))
		}
		if len(p.Records) > 0 {
			next := p.Records[len(p.Records)-1].Offset + 1
			if end, isOpen := r.ends[p.Partition]; isOpen && next >= end {
				ends[p.Partition] = next
				delete(r.ends, p.Partition)
			}
		}
		if p.Err != nil {
			r.failed(p.Partition, p.Err)
		}
	})
	return messages, ends
}

func (r *reading) failed(partition int32, err error) {
	r.bus.say(slog.LevelWarn, fmt.Sprintf("could not read %s[%d]: %v", r.bus.topics.queue, partition, err))
	if errors.Is(err, kerr.OffsetOutOfRange) {
		delete(r.ends, partition)
		r.bus.post(func(e *engine) { e.positionLost(r.generation, partition) })
	}
}

func messageOf(record *kgo.Record) message {
	m := message{partition: record.Partition, offset: record.Offset, at: record.Timestamp.UnixMicro(), value: record.Value}
	if record.Attrs.IsControl() {
		m.at, m.value = markerOfTransaction, nil
		return m
	}
	for _, header := range record.Headers {
		if header.Key == "traceparent" && m.traceparent == "" {
			m.traceparent = string(header.Value)
		}
	}
	return m
}

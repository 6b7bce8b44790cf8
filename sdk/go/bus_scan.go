package cronobs

import (
	"context"
	"fmt"
	"maps"

	"github.com/twmb/franz-go/pkg/kgo"
)

// What workers have said in status, read to its end where the group has no position.

// A statusReader reads partitions of status, and knows when it has come to where they ended when it began.
type statusReader struct {
	client *kgo.Client
	left   map[int32]int64 // ends that are not reached yet
}

func (b *bus) newStatusReader(starts, ends map[int32]int64) *statusReader {
	r := &statusReader{left: map[int32]int64{}}
	offsets := map[int32]kgo.Offset{}
	for partition, start := range starts {
		offsets[partition] = kgo.NewOffset().At(start)
		if start < ends[partition] {
			r.left[partition] = ends[partition]
		}
	}
	r.client = b.newClient("status", append(readerOptions(kgo.ReadUncommitted()),
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{b.topics.status: offsets}))...)
	return r
}

// poll gives messages, without markers of transactions; none when the time is over.
func (r *statusReader) poll(ctx context.Context) ([]message, error) {
	waiting, cancel := context.WithTimeout(ctx, askFor)
	defer cancel()
	fetches := r.client.PollRecords(waiting, 0)
	if waiting.Err() == nil && fetches.Err() != nil {
		return nil, fetches.Err()
	}
	var messages []message
	fetches.EachRecord(func(record *kgo.Record) {
		if end, isOpen := r.left[record.Partition]; isOpen && record.Offset+1 >= end {
			delete(r.left, record.Partition)
		}
		if m := messageOf(record); m.at != markerOfTransaction {
			messages = append(messages, m)
		}
	})
	return messages, nil
}

// scan reads uncommitted: workers use no transactions, and somebody else's open one must not hide what they have said.
func (b *bus) scan(scan int, partitions []int32, since int64) {
	ctx, cancel := context.WithCancel(b.ctx)
	b.stopScan()
	b.lock.Lock()
	b.scanning = cancel
	b.lock.Unlock()
	go func() {
		err := b.scanAll(ctx, scan, partitions, since)
		if ctx.Err() != nil {
			return
		}
		b.post(func(e *engine) {
			if err != nil {
				e.notScanned(scan, fmt.Errorf("could not look through %s: %w", b.topics.status, err))
			} else {
				e.scanned(scan)
			}
		})
	}()
}

func (b *bus) scanAll(ctx context.Context, scan int, partitions []int32, since int64) error {
	ends, err := b.offsets(b.topics.status, partitions, latest, uncommitted)
	if err != nil {
		return err
	}
	starts, err := b.offsets(b.topics.status, partitions, since/1000, uncommitted)
	if err != nil {
		return err
	}
	maps.DeleteFunc(starts, func(p int32, at int64) bool { return at < 0 || at >= ends[p] })
	if len(starts) == 0 {
		return nil
	}
	reader := b.newStatusReader(starts, ends)
	defer func() { go reader.client.Close() }()
	for len(reader.left) > 0 && ctx.Err() == nil {
		messages, err := reader.poll(ctx)
		if err != nil {
			return err
		}
		reports := reportsOf(messages)
		b.post(func(e *engine) { e.reported(scan, reports) })
	}
	return nil
}

func reportsOf(messages []message) []reported {
	var reports []reported
	for i := range messages {
		m := &messages[i]
		found := reported{partition: m.partition, offset: m.offset, at: m.at}
		if decode(m.value, "ExecutionStatus", &found.status) == nil {
			reports = append(reports, found)
		}
	}
	return reports
}

func (b *bus) stopScan() {
	b.lock.Lock()
	defer b.lock.Unlock()
	if b.scanning != nil {
		b.scanning()
		b.scanning = nil
	}
}

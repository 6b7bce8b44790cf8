package cronobs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Kafka: the files bus*.go are all that know franz-go. Nothing in them decides: goroutines read and write, and say to the engine what has
// happened, by post.
//
// Of franz-go is known: a member of a group stays one whatever is polled, and its callbacks hold up the rebalance, not the polling. Its own
// reading of a group's partitions begins by itself, at positions of its choice; so the member reads nothing, and a client of its own reads
// what the engine tells, for one assignment. It does not tell the end of a partition: the position is known from records and from the
// markers behind transactions (KeepControlRecords), the end from ListOffsets. Produce waits where its buffer is full: TryProduce
// does not. The logger gets what happens to be sent again by itself, too.

const (
	askFor       = 5 * time.Second        // that a question to the brokers may take
	commitAnswer = 2 * time.Second        // that the answer to a commit is waited for
	leaveFor     = 5 * time.Second        // that leaving the group may take
	lookAgain    = time.Second            // before brokers and topics are looked for again
	heartbeatOf  = 2 * time.Second        // of the member
	fetchWait    = 500 * time.Millisecond // that a broker waits for something to be read
	fetchBytes   = 4 << 20                // that one answer brings
	buffered     = 1 << 16                // records on their way; more than there can be
)

type topicNames struct{ queue, status, logs, heartbeats, control string }

func topicsOf(prefix, queue string) topicNames {
	return topicNames{prefix + "executions." + queue, prefix + "status", prefix + "logs", prefix + "heartbeats", prefix + "control"}
}

func (t *topicNames) of(to topic) string {
	return [...]string{topicStatus: t.status, topicLogs: t.logs, topicHeartbeats: t.heartbeats}[to]
}

type bus struct {
	settings *Config
	topics   topicNames
	options  []kgo.Opt // of all clients
	post     func(func(e *engine))
	say      func(level slog.Level, text string)
	ctx      context.Context // until the worker is over
	stop     context.CancelFunc
	out      *sender

	lock     sync.Mutex // of the three below
	member   *kgo.Client
	hasLeft  bool
	reading  *reading
	scanning context.CancelFunc
}

func newBus(c *Config, post func(func(e *engine)), say func(slog.Level, string)) (*bus, error) {
	options, err := clientOptions(c)
	if err != nil {
		return nil, err
	}
	b := &bus{settings: c, topics: topicsOf(c.TopicPrefix, c.Queue), options: options, post: post, say: say}
	b.ctx, b.stop = context.WithCancel(context.Background())
	b.out, err = newSender(b.topics, b.withLogger("producer"))
	return b, err
}

func clientOptions(c *Config) ([]kgo.Opt, error) {
	secure, err := securityOptions(c.Kafka)
	if err != nil {
		return nil, err
	}
	name := c.Name
	if c.Instance != "" {
		name = c.Instance
	}
	options := append(secure, kgo.SeedBrokers(seeds(c.Brokers)...), kgo.ClientID(name), kgo.MetadataMinAge(250*time.Millisecond),
		kgo.RetryBackoffFn(backoff), kgo.DisableClientMetrics())
	if err := kgo.ValidateOpts(options...); err != nil {
		return nil, settingErrorf("Brokers: '%s': %v; give HOST:PORT,...", c.Brokers, err)
	}
	return options, nil
}

func seeds(brokers string) []string {
	addresses := strings.Split(brokers, ",")
	for number, address := range addresses {
		addresses[number] = strings.TrimSpace(address)
	}
	return addresses
}

// backoff of the client's own repeats.
func backoff(tries int) time.Duration {
	return min(50*time.Millisecond<<min(tries, 5), time.Second)
}

func (b *bus) withLogger(role string) []kgo.Opt {
	return append(slices.Clone(b.options), kgo.WithLogger(&clientLog{role, b.say}))
}

// newClient does not connect; settings are checked, so there is nothing left to be wrong.
func (b *bus) newClient(role string, options ...kgo.Opt) *kgo.Client {
	client, err := kgo.NewClient(append(b.withLogger(role), options...)...)
	if err != nil {
		panic(fmt.Sprintf("cronobs: options of the client: %v", err))
	}
	return client
}

// close ends all of it, also what hangs.
func (b *bus) close() {
	b.stop()
	b.release()
	b.stopScan()
	b.lock.Lock()
	member := b.member
	b.lock.Unlock()
	if member != nil {
		go member.CloseAllowingRebalance()
	}
	b.out.close()
}

// --- what the client says ---

// A clientLog turns the client's log into notices.
type clientLog struct {
	role string
	say  func(slog.Level, string)
}

func (l *clientLog) Level() kgo.LogLevel { return kgo.LogLevelWarn }

// toldKeys are those that stay the same when the same happens again.
var toldKeys = map[string]bool{"addr": true, "broker": true, "err": true, "group": true, "topic": true, "partition": true}

func (l *clientLog) Log(_ kgo.LogLevel, text string, pairs ...any) {
	for i := 0; i+1 < len(pairs); i += 2 {
		if name, ok := pairs[i].(string); ok && toldKeys[name] {
			text += fmt.Sprintf(" %s=%v", name, pairs[i+1])
		}
	}
	l.say(slog.LevelWarn, l.role+": "+text)
}

// --- starting ---

// open looks for the topics, then joins the group and reads control.
func (b *bus) open() {
	go func() {
		for {
			statuses, queue, err := b.lookAtTopics()
			if err == nil {
				b.post(func(e *engine) { e.started(statuses, queue) })
				b.join()
				b.readControl()
				return
			}
			if b.ctx.Err() != nil {
				return
			}
			b.say(slog.LevelWarn, err.Error())
			if !b.wait(lookAgain) {
				return
			}
		}
	}()
}

// wait is false when the worker is over.
func (b *bus) wait(d time.Duration) bool {
	select {
	case <-b.ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

func (b *bus) lookAtTopics() (statuses, queue int32, err error) {
	counts, err := b.out.count(b.ctx, b.topics.queue, b.topics.status, b.topics.logs, b.topics.heartbeats, b.topics.control)
	var missing *missingTopic
	if errors.As(err, &missing) && missing.name == b.topics.queue {
		return 0, 0, fmt.Errorf("waiting for the queue: there is no topic %s yet", missing.name)
	}
	return counts[b.topics.status], counts[b.topics.queue], err
}

// --- the group ---

func (b *bus) join() {
	b.lock.Lock()
	defer b.lock.Unlock()
	if b.hasLeft {
		return
	}
	b.member = b.newClient("group", append(memberOptions(b.settings, b.topics.queue), kgo.OnPartitionsAssigned(b.assigned),
		kgo.OnPartitionsRevoked(b.revoked), kgo.OnPartitionsLost(b.revoked))...)
	go b.hearErrors(b.member)
}

func memberOptions(c *Config, queue string) []kgo.Opt {
	options := []kgo.Opt{
		kgo.ConsumerGroup(c.Group), kgo.ConsumeTopics(queue), kgo.Balancers(kgo.RangeBalancer()), kgo.DisableAutoCommit(),
		kgo.SessionTimeout(c.SessionTimeout), kgo.HeartbeatInterval(min(heartbeatOf, c.SessionTimeout/3)), kgo.AdjustFetchOffsetsFn(readNothing),
	}
	if c.Instance != "" {
		options = append(options, kgo.InstanceID(c.Instance))
	}
	return options
}

func readNothing(context.Context, map[string]map[int32]kgo.Offset) (map[string]map[int32]kgo.Offset, error) {
	return map[string]map[int32]kgo.Offset{}, nil
}

func (b *bus) assigned(_ context.Context, _ *kgo.Client, partitions map[string][]int32) {
	ours := slices.Sorted(slices.Values(partitions[b.topics.queue]))
	b.post(func(e *engine) { e.assigned(ours) })
}

// revoked returns when the engine has let go: until then no other member gets the partitions.
func (b *bus) revoked(context.Context, *kgo.Client, map[string][]int32) {
	done := make(chan struct{})
	b.post(func(e *engine) { e.revoking(func() { close(done) }) })
	select {
	case <-done:
	case <-b.ctx.Done():
	}
}

// hearErrors of the group, which come where records would.
func (b *bus) hearErrors(member *kgo.Client) {
	for {
		fetches := member.PollFetches(b.ctx)
		if b.ctx.Err() != nil || fetches.IsClientClosed() {
			return
		}
		fetches.EachError(func(_ string, _ int32, err error) {
			if errors.Is(err, kerr.FencedInstanceID) {
				b.fenced()
			}
		})
	}
}

func (b *bus) fenced() {
	why := fmt.Errorf("%w: '%s'", ErrFenced, b.settings.Instance)
	b.post(func(e *engine) { e.broke(why) })
}

func (b *bus) leave() {
	b.lock.Lock()
	b.hasLeft = true
	member := b.member
	b.lock.Unlock()
	go func() {
		if member != nil {
			ctx, cancel := context.WithTimeout(b.ctx, leaveFor)
			defer cancel()
			if err := member.LeaveGroupContext(ctx); err != nil && b.ctx.Err() == nil {
				b.say(slog.LevelWarn, fmt.Sprintf("could not leave the group: %v", err))
			}
		}
		b.post((*engine).left)
	}()
}

func (b *bus) store(c *commit) {
	offsets := map[int32]kgo.EpochOffset{}
	for partition, position := range c.positions {
		offsets[partition] = kgo.EpochOffset{Epoch: -1, Offset: position}
	}
	b.lock.Lock()
	member := b.member
	b.lock.Unlock()
	go func() {
		ctx, cancel := context.WithTimeout(b.ctx, commitAnswer)
		defer cancel()
		outcome, why := storeUnanswered, error(nil)
		member.CommitOffsetsSync(ctx, map[string]map[int32]kgo.EpochOffset{b.topics.queue: offsets},
			func(_ *kgo.Client, _ *kmsg.OffsetCommitRequest, answer *kmsg.OffsetCommitResponse, err error) {
				outcome, why = outcomeOf(answer, err)
			})
		if errors.Is(why, kerr.FencedInstanceID) {
			b.fenced()
		}
		b.post(func(e *engine) { e.stored(c, outcome, why) })
	}()
}

// refusals are answers after which nothing was committed.
var refusals = []*kerr.Error{kerr.RebalanceInProgress, kerr.IllegalGeneration, kerr.UnknownMemberID, kerr.FencedInstanceID,
	kerr.GroupAuthorizationFailed, kerr.TopicAuthorizationFailed, kerr.OffsetMetadataTooLarge}

func outcomeOf(answer *kmsg.OffsetCommitResponse, err error) (storeOutcome, error) {
	if err != nil {
		return storeUnanswered, err
	}
	for _, t := range answer.Topics {
		for _, p := range t.Partitions {
			err := kerr.ErrorForCode(p.ErrorCode)
			if err == nil {
				continue
			}
			if slices.ContainsFunc(refusals, func(r *kerr.Error) bool { return errors.Is(err, r) }) {
				return storeRefused, err
			}
			return storeUnanswered, err
		}
	}
	return storeMade, nil
}

// --- where to begin ---

var errNotTold = errors.New("the brokers did not say where some partitions begin")

// locate: a partition that has no leader, or whose leader does not answer, does not hold up the others.
func (b *bus) locate(generation int, partitions map[int32]bool) {
	go func() {
		spots, why := b.spots(partitions)
		b.post(func(e *engine) {
			if len(spots) > 0 {
				e.located(generation, spots)
			}
			if len(spots) < len(partitions) {
				e.notLocated(generation, cmp.Or(why, errNotTold))
			}
		})
	}()
}

// spots where reading is to begin, and why there are none of some partitions.
func (b *bus) spots(partitions map[int32]bool) ([]spot, error) {
	ends, why := b.offsets(b.topics.queue, slices.Sorted(maps.Keys(partitions)), latest, isCommitted)
	numbers := slices.Sorted(maps.Keys(ends))
	stored, err := b.storedOffsets(slices.DeleteFunc(slices.Clone(numbers), func(p int32) bool { return partitions[p] }))
	if err != nil {
		return nil, err
	}
	lacking := slices.DeleteFunc(slices.Clone(numbers), func(p int32) bool { at, ok := stored[p]; return ok && at >= 0 })
	oldest, err := b.offsets(b.topics.queue, lacking, time.Now().Add(-b.settings.Backlog).UnixMilli(), isCommitted)
	if why == nil {
		why = err
	}
	return spotsOf(numbers, ends, stored, oldest), why
}

// spotsOf those partitions of which enough is known.
func spotsOf(numbers []int32, ends, stored, oldest map[int32]int64) []spot {
	spots := make([]spot, 0, len(numbers))
	for _, p := range numbers {
		s := spot{partition: p, stored: unknown, oldest: unknown, end: ends[p]}
		if at, ok := stored[p]; ok && at >= 0 {
			s.stored = at
		} else if at, ok := oldest[p]; ok {
			s.oldest = at
		} else {
			continue
		}
		spots = append(spots, s)
	}
	return spots
}

const (
	latest      = int64(-1) // instants of ListOffsets
	earliest    = int64(-2)
	isCommitted = int8(1) // isolation levels
	uncommitted = int8(0)
)

// offsets of the first messages since an instant in milliseconds; unknown: there is none. With an error, of those partitions that have answered.
func (b *bus) offsets(name string, partitions []int32, since int64, isolation int8) (map[int32]int64, error) {
	found := map[int32]int64{}
	if len(partitions) == 0 {
		return found, nil
	}
	request := kmsg.NewPtrListOffsetsRequest()
	request.ReplicaID, request.IsolationLevel = -1, isolation
	asked := kmsg.NewListOffsetsRequestTopic()
	asked.Topic = name
	for _, partition := range partitions {
		p := kmsg.NewListOffsetsRequestTopicPartition()
		p.Partition, p.Timestamp = partition, since
		asked.Partitions = append(asked.Partitions, p)
	}
	request.Topics = append(request.Topics, asked)
	ctx, cancel := context.WithTimeout(b.ctx, askFor)
	defer cancel()
	return offsetsIn(b.out.client.RequestSharded(ctx, request), name)
}

// offsetsIn the answers of those brokers that lead the partitions.
func offsetsIn(shards []kgo.ResponseShard, name string) (map[int32]int64, error) {
	found := map[int32]int64{}
	var wrong []error
	for _, shard := range shards {
		if shard.Err != nil {
			wrong = append(wrong, shard.Err)
			continue
		}
		for _, t := range shard.Resp.(*kmsg.ListOffsetsResponse).Topics {
			for _, p := range t.Partitions {
				if err := kerr.ErrorForCode(p.ErrorCode); err != nil {
					wrong = append(wrong, fmt.Errorf("%s[%d]: %w", name, p.Partition, err))
				} else {
					found[p.Partition] = p.Offset
				}
			}
		}
	}
	if len(wrong) > 0 {
		return found, wrong[0]
	}
	return found, nil
}

// storedOffsets are the group's positions; negative: it has none.
func (b *bus) storedOffsets(partitions []int32) (map[int32]int64, error) {
	found := map[int32]int64{}
	if len(partitions) == 0 {
		return found, nil
	}
	request := kmsg.NewPtrOffsetFetchRequest()
	request.Group, request.RequireStable = b.settings.Group, true
	asked := kmsg.NewOffsetFetchRequestTopic()
	asked.Topic, asked.Partitions = b.topics.queue, partitions
	request.Topics = append(request.Topics, asked)
	ctx, cancel := context.WithTimeout(b.ctx, askFor)
	defer cancel()
	answer, err := request.RequestWith(ctx, b.out.client)
	if err != nil {
		return nil, err
	}
	if err := kerr.ErrorForCode(answer.ErrorCode); err != nil {
		return nil, err
	}
	for _, t := range answer.Topics {
		for _, p := range t.Partitions {
			if err := kerr.ErrorForCode(p.ErrorCode); err != nil {
				return nil, err
			}
			found[p.Partition] = p.Offset
		}
	}
	return found, nil
}

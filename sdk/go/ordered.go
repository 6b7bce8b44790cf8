package cronobs

// An ordered map remembers the last entries by when their keys came; a newer value leaves its key where it is.
type ordered[K comparable, V any] struct {
	most   int
	values map[K]V
	keys   []K // a ring, once it is full
	first  int
}

func newOrdered[K comparable, V any](most int) *ordered[K, V] {
	return &ordered[K, V]{most: most, values: map[K]V{}}
}

// put returns the value that had to go for it, and whether there was one.
func (o *ordered[K, V]) put(key K, value V) (gone V, isGone bool) {
	if _, known := o.values[key]; known {
		o.values[key] = value
		return gone, false
	}
	o.values[key] = value
	if len(o.keys) < o.most {
		o.keys = append(o.keys, key)
		return gone, false
	}
	oldest := o.keys[o.first]
	gone = o.values[oldest]
	delete(o.values, oldest)
	o.keys[o.first] = key
	o.first = (o.first + 1) % o.most
	return gone, true
}

func (o *ordered[K, V]) get(key K) (V, bool) {
	value, ok := o.values[key]
	return value, ok
}

func (o *ordered[K, V]) clear() {
	o.values, o.keys, o.first = map[K]V{}, nil, 0
}

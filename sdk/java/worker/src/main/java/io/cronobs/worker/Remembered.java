package io.cronobs.worker;

import java.util.LinkedHashMap;
import java.util.Map;

/** The newest entries of a map, so many at most, by the order in which their keys came first. */
final class Remembered<K, V> {
    private final LinkedHashMap<K, V> entries = new LinkedHashMap<>();
    private final int most;

    Remembered(int most) {
        this.most = most;
    }

    V get(K key) {
        return entries.get(key);
    }

    boolean has(K key) {
        return entries.containsKey(key);
    }

    /** The value that is remembered no more for it; null: none. */
    V put(K key, V value) {
        entries.put(key, value);
        if (entries.size() <= most) {
            return null;
        }
        Map.Entry<K, V> oldest = entries.entrySet().iterator().next();
        entries.remove(oldest.getKey());
        return oldest.getValue();
    }

    void clear() {
        entries.clear();
    }
}

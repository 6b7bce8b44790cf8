package io.cronobs.client;

import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Between JSON and the records of {@link Answers}. Pure. */
final class Typed {
    private Typed() {}

    /** The record that an object of JSON means; what it has more is left out. Throws IllegalArgumentException: it is none. */
    static <T> T read(Class<T> type, Object json) {
        return type.cast(of(type, json));
    }

    private static Object of(Type type, Object json) {
        if (type instanceof ParameterizedType generic) {
            Type[] arguments = generic.getActualTypeArguments();
            return generic.getRawType() == List.class ? list(arguments[0], json) : map(arguments[1], json);
        }
        Class<?> kind = (Class<?>) type;
        if (kind.isRecord() && json != null) {
            return record(kind, json);
        }
        if (kind == long.class || kind == Long.class) {
            return json == null ? kind == long.class ? 0L : null : (Object) ((Number) json).longValue();
        }
        if (kind == double.class || kind == Double.class) {
            return json == null ? kind == double.class ? 0.0 : null : (Object) ((Number) json).doubleValue();
        }
        return kind == boolean.class ? (Object) Boolean.TRUE.equals(json) : kind.cast(json);
    }

    private static List<Object> list(Type items, Object json) {
        List<Object> found = new ArrayList<>();
        for (Object item : json == null ? List.of() : (List<?>) json) {
            found.add(of(items, item));
        }
        return found;
    }

    private static Map<String, Object> map(Type values, Object json) {
        Map<String, Object> found = new LinkedHashMap<>();
        (json == null ? Map.of() : (Map<?, ?>) json).forEach((name, value) -> found.put((String) name, of(values, value)));
        return found;
    }

    private static Object record(Class<?> type, Object json) {
        Map<?, ?> members = (Map<?, ?>) json;
        RecordComponent[] components = type.getRecordComponents();
        Object[] values = new Object[components.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = of(components[i].getGenericType(), members.get(memberName(components[i].getName())));
        }
        try {
            Class<?>[] types = Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
            Constructor<?> constructor = type.getDeclaredConstructor(types);
            return constructor.newInstance(values);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(type + " cannot be made", e);
        }
    }

    /** The object of JSON that a record means, without what is null in it. */
    static Map<String, Object> members(Record record) {
        Map<String, Object> found = new LinkedHashMap<>();
        for (RecordComponent component : record.getClass().getRecordComponents()) {
            try {
                Method accessor = component.getAccessor();
                accessor.setAccessible(true); // the record may be in a class that is not public
                Object value = accessor.invoke(record);
                if (value != null) {
                    found.put(memberName(component.getName()), value);
                }
            } catch (ReflectiveOperationException | RuntimeException e) {
                throw new IllegalArgumentException("cannot be JSON: a " + record.getClass().getName(), e);
            }
        }
        return found;
    }

    /** execution_id of executionId, class of class_. */
    private static String memberName(String component) {
        StringBuilder out = new StringBuilder();
        component.chars().filter(c -> c != '_').forEach(c -> {
            if (Character.isUpperCase(c)) {
                out.append('_');
            }
            out.append((char) Character.toLowerCase(c));
        });
        return out.toString();
    }
}

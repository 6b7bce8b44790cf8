package io.cronobs.worker;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.List;

/**
 * How values of a class are made and looked into, by the names of a schema's fields: a plain class has a field for each, a Java record a
 * component, in the schema's order; both in camel case.
 */
final class Shape {
    private static final MethodHandles.Lookup LOOKUP = MethodHandles.lookup();
    private static final MethodType OF_ONE = MethodType.methodType(Object.class, Object.class);
    private static final MethodType OF_TWO = MethodType.methodType(void.class, Object.class, Object.class);

    private final Type[] types;
    private final MethodHandle[] getters;
    private final MethodHandle maker; // of a record: (Object[]) to Object, else () to Object
    private final MethodHandle[] setters; // null: it is a record

    private Shape(Class<?> type, List<String> names) throws ReflectiveOperationException {
        types = new Type[names.size()];
        getters = new MethodHandle[names.size()];
        setters = type.isRecord() ? null : new MethodHandle[names.size()];
        for (int i = 0; i < types.length; i++) {
            Field field = type.getDeclaredField(names.get(i));
            types[i] = field.getGenericType();
            if (setters == null) {
                getters[i] = LOOKUP.unreflect(type.getDeclaredMethod(names.get(i))).asType(OF_ONE);
            } else {
                getters[i] = LOOKUP.unreflectGetter(field).asType(OF_ONE);
                setters[i] = LOOKUP.unreflectSetter(field).asType(OF_TWO);
            }
        }
        maker = setters == null ? makerOf(type, names) : LOOKUP.findConstructor(type, MethodType.methodType(void.class))
            .asType(MethodType.methodType(Object.class));
    }

    /** fields: of the schema. Throws IllegalStateException where the class has not all of them. */
    static Shape of(Class<?> type, List<String> fields) {
        try {
            return new Shape(type, fields.stream().map(Shape::camelCase).toList());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(type + " is not of the shape of its schema, " + fields, e);
        }
    }

    private static MethodHandle makerOf(Class<?> type, List<String> names) throws ReflectiveOperationException {
        RecordComponent[] components = type.getRecordComponents();
        if (!Arrays.stream(components).map(RecordComponent::getName).toList().equals(names)) {
            throw new NoSuchFieldException(type + " has not the order " + names);
        }
        Class<?>[] types = Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        return LOOKUP.findConstructor(type, MethodType.methodType(void.class, types)).asSpreader(Object[].class, types.length)
            .asType(MethodType.methodType(Object.class, Object[].class));
    }

    private static String camelCase(String name) {
        StringBuilder out = new StringBuilder();
        for (String word : name.split("_")) {
            out.append(out.isEmpty() ? word : Character.toUpperCase(word.charAt(0)) + word.substring(1));
        }
        return out.toString();
    }

    Type type(int field) {
        return types[field];
    }

    Object get(Object of, int field) {
        try {
            return getters[field].invokeExact(of);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    Object make(Object[] values) {
        try {
            if (setters == null) {
                return maker.invokeExact(values);
            }
            Object made = maker.invokeExact();
            for (int i = 0; i < values.length; i++) {
                setters[i].invokeExact(made, values[i]);
            }
            return made;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    private static RuntimeException unexpected(Throwable e) {
        if (e instanceof Error error) {
            throw error;
        }
        return e instanceof RuntimeException exception ? exception : new IllegalStateException(e);
    }
}

package io.cronobs.worker;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Makes places of schemas, and shapes of the classes that hold their values. */
final class SchemaCompiler {
    private final boolean isNewer;
    private final Map<String, Place> named = new HashMap<>(); // a type that was told before stands by its name

    private SchemaCompiler(boolean isNewer) {
        this.isNewer = isNewer;
    }

    /** Of a record's schema. latest: that of its newest version; isNewer: for what newer programs write. */
    static Place.OfRecord compile(Class<?> type, Object schema, Object latest, boolean isNewer) {
        return new SchemaCompiler(isNewer).ofRecord(type, (Map<?, ?>) schema, (Map<?, ?>) latest);
    }

    private Place.OfRecord ofRecord(Class<?> type, Map<?, ?> told, Map<?, ?> latest) {
        List<String> names = fields(latest).stream().map(field -> (String) field.get("name")).toList();
        Shape shape = Shape.of(type, names);
        Place[] places = places(shape, told);
        Place[] all = told == latest ? places : new SchemaCompiler(isNewer).places(shape, latest);
        String name = (String) told.get("name");
        Place.OfRecord made = new Place.OfRecord(name, names, places, defaults(latest, all), shape);
        named.put(name, made);
        return made;
    }

    private static List<Map<?, ?>> fields(Map<?, ?> told) {
        return ((List<?>) told.get("fields")).stream().<Map<?, ?>>map(field -> (Map<?, ?>) field).toList();
    }

    private Place[] places(Shape shape, Map<?, ?> told) {
        List<Map<?, ?>> fields = fields(told);
        Place[] found = new Place[fields.size()];
        for (int i = 0; i < found.length; i++) {
            found[i] = of(shape.type(i), fields.get(i).get("type"));
        }
        return found;
    }

    private static Object[] defaults(Map<?, ?> told, Place[] places) {
        List<Map<?, ?>> fields = fields(told);
        Object[] found = new Object[places.length];
        for (int i = 0; i < found.length; i++) {
            Object json = fields.get(i).get("default");
            found[i] = json == null ? null : places[i].constant(json);
        }
        return found;
    }

    private Place of(Type type, Object schema) {
        if (schema instanceof List<?> union) {
            return new Place.Optional(of(type, union.get(1)));
        }
        if (schema instanceof String name) {
            Place known = named.get(name);
            return known != null ? known : Place.Plain.valueOf(name.toUpperCase(Locale.ROOT));
        }
        Map<?, ?> told = (Map<?, ?>) schema;
        return switch ((String) told.get("type")) {
            case "record" -> ofRecord((Class<?>) type, told, told);
            case "enum" -> ofEnum(told);
            case "array" -> new Place.OfArray(of(((ParameterizedType) type).getActualTypeArguments()[0], told.get("items")));
            case "map" -> new Place.OfMap(of(String.class, told.get("values")));
            default -> "uuid".equals(told.get("logicalType")) ? Place.Plain.ID : of(type, told.get("type"));
        };
    }

    private Place ofEnum(Map<?, ?> told) {
        List<String> symbols = ((List<?>) told.get("symbols")).stream().map(String.class::cast).toList();
        Place made = new Place.OfEnum(symbols, isNewer ? (String) told.get("default") : null);
        named.put((String) told.get("name"), made);
        return made;
    }
}

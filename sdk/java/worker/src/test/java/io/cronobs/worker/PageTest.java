package io.cronobs.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringWriter;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** docs/workers/java.md: its examples are compiled and tested as they stand there, and its table is the settings' own. */
class PageTest {
    private static String page() throws IOException {
        return Files.readString(Path.of(System.getProperty("basedir", "."), "../../../docs/workers/java.md"));
    }

    @Test
    void thePageHasTheTableOfSettings() throws IOException {
        for (Setting setting : Setting.ALL) {
            String fallback = setting.fallback() == null ? "" : "`" + setting.fallback() + "`";
            String row = "| `" + setting.name() + "` | `" + setting.variable() + "` | " + fallback + " | " + setting.help() + " |";
            assertTrue(page().contains(row), row);
        }
    }

    /** As files, each named as its class. */
    private static List<String> examples(Path folder) throws IOException {
        List<String> files = new ArrayList<>();
        Matcher block = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(page());
        while (block.find()) {
            Matcher name = Pattern.compile("class (\\w+)").matcher(block.group(1));
            assertTrue(name.find());
            files.add(Files.writeString(folder.resolve(name.group(1) + ".java"), block.group(1)).toString());
        }
        return files;
    }

    @Test
    void theExamplesOfThePageAreCompiledWithoutAWarningAndPassTheirOwnTest(@TempDir Path folder) throws Exception {
        List<String> options = List.of("-Xlint:all", "-Werror", "-proc:none", "-cp", System.getProperty("java.class.path"), "-d", folder.toString());
        List<String> files = examples(folder);
        assertEquals(4, files.size(), files.toString());
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter said = new StringWriter();
        try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
            assertTrue(compiler.getTask(said, manager, null, options, null, manager.getJavaFileObjectsFromStrings(files)).call(), said.toString());
        }
        runTests(folder);
    }

    private static void runTests(Path folder) throws Exception {
        try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
            Class<?> test = loader.loadClass("ReportsTest");
            Constructor<?> constructor = test.getDeclaredConstructor();
            constructor.setAccessible(true);
            for (Method method : test.getDeclaredMethods()) {
                if (method.isAnnotationPresent(Test.class)) {
                    method.setAccessible(true);
                    method.invoke(constructor.newInstance());
                }
            }
        }
    }
}

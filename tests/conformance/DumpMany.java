import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * Runs the real kafka.tools.DumpLogSegments many times in one Java virtual machine.
 * Argument: a file with a line for each run, the path to write to and the tool's arguments,
 * separated by tabs. Writes PATH.out and PATH.err, the latter with the exception that ended the
 * tool, if there was one, as its last line, starting with "EXCEPTION".
 */
public class DumpMany {
    /** Scala keeps the first standard output it sees, so that one is redirected from inside. */
    private static final class Redirected extends OutputStream {
        private OutputStream to = new ByteArrayOutputStream();

        @Override
        public void write(int b) throws IOException {
            to.write(b);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            to.write(bytes, offset, length);
        }
    }

    public static void main(String[] args) throws Exception {
        Redirected out = new Redirected();
        Redirected err = new Redirected();
        System.setOut(new PrintStream(out, true, "UTF-8"));
        System.setErr(new PrintStream(err, true, "UTF-8"));
        org.apache.kafka.common.utils.Exit.setExitProcedure((code, message) -> {
            throw new IllegalStateException("exit " + code + " " + message);
        });
        for (String line : Files.readAllLines(Path.of(args[0]), StandardCharsets.UTF_8)) {
            List<String> words = Arrays.asList(line.split("\t"));
            ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
            ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
            out.to = outBytes;
            err.to = errBytes;
            try {
                kafka.tools.DumpLogSegments.main(
                    words.subList(1, words.size()).toArray(new String[0]));
            } catch (Throwable thrown) {
                System.err.println("EXCEPTION " + thrown);
            }
            System.out.flush();
            System.err.flush();
            Files.write(Path.of(words.get(0) + ".out"), outBytes.toByteArray());
            Files.write(Path.of(words.get(0) + ".err"), errBytes.toByteArray());
        }
    }
}

package io.nextbestoffer.sandbox;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.util.Locale;

/** Prints the sandbox's output for its user. */
final class SandboxConsole {
    private final PrintStream out;
    private final String arrow;

    SandboxConsole() {
        // Not System.out: libraries may have replaced it, and its character set is unknown.
        Charset charset = Charset.forName(System.getProperty("native.encoding", "UTF-8"));
        this.out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, charset);
        this.arrow = charset.newEncoder().canEncode('→') ? "→" : "->";
    }

    void line(String format, Object... arguments) {
        String line = arguments.length == 0 ? format : String.format(Locale.ROOT, format, arguments);
        out.println("→".equals(arrow) ? line : line.replace("→", arrow).replace("…", "..."));
    }
}

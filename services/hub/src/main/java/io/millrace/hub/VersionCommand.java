package io.millrace.hub;

import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(name = "version", description = "Prints the version of Millrace, of its main libraries and of the JVM.")
public final class VersionCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public void run() {
        PrintWriter out = spec.commandLine().getOut();
        for (String line : Provider.lines()) {
            out.println(line);
        }
        out.flush();
    }

    /** Of Millrace. */
    public static String version() {
        String version = Millrace.class.getPackage().getImplementationVersion();
        return version == null ? "0.1.0-SNAPSHOT" : version;
    }

    static final class Provider implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return lines();
        }

        static String[] lines() {
            return new String[] {
                "millrace " + version(),
                "kafka " + org.apache.kafka.common.utils.AppInfoParser.getVersion(),
                "java " + Runtime.version()
            };
        }
    }
}

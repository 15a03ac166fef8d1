package io.millrace.hub.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

class OutputTest {
    private record Thing(String id, long amount, @Nullable String by, Instant at, String note) {}

    private static final Listing<Thing> LISTING = Listing.<Thing>of("no things")
            .with("id", Thing::id, thing -> thing.id().substring(0, 2))
            .with("amount", Thing::amount)
            .with("by", Thing::by)
            .withHidden("at", Thing::at)
            .withHidden("note", Thing::note);

    private static final List<Thing> THINGS = List.of(
            new Thing("abc", -5, null, Instant.EPOCH, "=1+1"),
            new Thing("def", 1_000, "anna", Instant.EPOCH, "she said \"a, b\"\nand left"));

    @Command
    private static final class Shown implements Runnable {
        @Mixin
        @SuppressWarnings("NullAway.Init") // picocli sets it
        private Output output;

        private final List<Thing> things;
        private final StringWriter printed = new StringWriter();

        Shown(List<Thing> things) {
            this.things = things;
        }

        @Override
        public void run() {
            output.list(new PrintWriter(printed), LISTING, things);
        }
    }

    private static String print(List<Thing> things, String... arguments) {
        Shown command = new Shown(things);
        int code = new CommandLine(command)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(arguments);
        assertThat(code).isZero();
        return command.printed.toString();
    }

    @Test
    void peopleGetATable() {
        assertThat(print(THINGS)).isEqualTo("""
                id  amount  by
                ab  -5
                de  1000    anna
                """);
        assertThat(print(List.of())).isEqualTo("no things\n");
    }

    @Test
    void programsGetEverythingInFull() {
        assertThat(print(THINGS, "--format", "json")).isEqualToIgnoringWhitespace("""
                [ {"id": "abc", "amount": -5, "by": null, "at": "1970-01-01T00:00:00Z", "note": "=1+1"},
                  {"id": "def", "amount": 1000, "by": "anna", "at": "1970-01-01T00:00:00Z", "note": "she said \\"a, b\\"\\nand left"} ]
                """);
        assertThat(print(THINGS.subList(0, 1), "--format", "yaml")).isEqualTo("""
                - id: abc
                  amount: -5
                  by: null
                  at: '1970-01-01T00:00:00Z'
                  note: =1+1
                """);
        assertThat(print(THINGS, "--format", "csv")).isEqualTo("""
                id,amount,by,at,note
                abc,-5,,1970-01-01T00:00:00Z,'=1+1
                def,1000,anna,1970-01-01T00:00:00Z,"she said ""a, b""
                and left"
                """);
        assertThat(print(List.of(), "--format", "json").strip()).isEqualTo("[ ]");
    }
}

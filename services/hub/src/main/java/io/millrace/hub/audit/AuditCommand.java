package io.millrace.hub.audit;

import io.millrace.hub.config.HubConfig;
import io.millrace.hub.config.RunningHubCommand;
import io.millrace.operations.audit.AuditProof;
import io.millrace.operations.audit.AuditTrail;
import io.millrace.schemas.registry.HttpSchemaRegistry;
import java.io.PrintWriter;
import picocli.CommandLine.Command;

/** Proves that the audit trail is whole. */
@Command(
        name = "audit",
        description = "The audit trail: every transaction of the source, and every decision about an alert.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
public final class AuditCommand extends RunningHubCommand {
    @Command(
            name = "verify",
            description = {
                "Walks the chain of each lane: finds records that were altered, removed or exchanged.",
                "Compares its end with the topic's. Exit code 1 if anything is wrong.",
                "A head that was written down elsewhere shows that nothing up to it was changed since."
            },
            mixinStandardHelpOptions = true)
    int verify() {
        HubConfig config = config();
        PrintWriter out = out();
        AuditProof proof = new AuditTrail(
                        config.analytics().forPeople(),
                        config.kafka().servers(),
                        HttpSchemaRegistry.impatient(config.registry().url()))
                .verify();
        proof.problems().forEach(out::println);
        proof.chains()
                .forEach(chain ->
                        out.printf("lane %d: %,d records, head %s%n", chain.lane(), chain.records(), chain.head()));
        out.println(proof.whole() ? "the audit trail is whole" : "PROBLEMS: " + proof.problemCount());
        out.flush();
        return proof.whole() ? 0 : 1;
    }
}

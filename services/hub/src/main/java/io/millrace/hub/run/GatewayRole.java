package io.millrace.hub.run;

import io.millrace.gateway.Gateway;
import io.millrace.hub.config.Role;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Views and more to applications, over HTTP. */
record GatewayRole(Gateway answers, CompletableFuture<Void> end) implements RunningRole {
    GatewayRole(Gateway answers) {
        this(answers, new CompletableFuture<>());
    }

    @Override
    public Role role() {
        return Role.GATEWAY;
    }

    @Override
    public boolean ready() {
        return answers.ready();
    }

    @Override
    public String detail() {
        return answers.detail();
    }

    @Override
    public Optional<Gateway> gateway() {
        return Optional.of(answers);
    }

    @Override
    public void close() {
        answers.close();
        end.complete(null);
    }
}

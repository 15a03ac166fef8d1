package io.millrace.gateway.key;

import io.millrace.gateway.http.Problem;
import io.millrace.gateway.http.Problems;
import io.millrace.operations.access.ApiKey;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.web.filter.OncePerRequestFilter;

/** Puts the key that a request has into the security context; a key that is not accepted ends the request. */
public final class KeyFilter extends OncePerRequestFilter {
    private final KnownKeys keys;
    private final Limits limits;

    public KeyFilter(KnownKeys keys, Limits limits) {
        this.keys = keys;
        this.limits = limits;
    }

    /** Whoever tries keys is slowed down, and then costs the database nothing. */
    private ApiKey accepted(String header, String address, HttpServletResponse response) {
        try {
            return keys.require(header, address, () -> limits.requireLeft(address, response));
        } catch (Problem refused) {
            if (refused.kind() == Problem.Kind.BAD_KEY) {
                limits.ofAddress(address, response);
            }
            throw refused;
        }
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        try {
            authenticate(request, response);
        } catch (Problem problem) {
            Problems.write(problem, request, response);
            return;
        }
        chain.doFilter(request, response);
    }

    private void authenticate(HttpServletRequest request, HttpServletResponse response) {
        String header = request.getHeader("Authorization");
        String address = request.getRemoteAddr();
        if (header == null) {
            limits.ofAddress(address, response);
            return;
        }
        ApiKey key = accepted(header, address, response);
        limits.ofKey(key.id(), response);
        SecurityContext context = SecurityContextHolder.createEmptyContext();
        context.setAuthentication(UsernamePasswordAuthenticationToken.authenticated(key, null, List.of()));
        SecurityContextHolder.setContext(context);
    }
}

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

    public KeyFilter(KnownKeys keys) {
        this.keys = keys;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        String header = request.getHeader("Authorization");
        if (header == null) {
            chain.doFilter(request, response);
            return;
        }
        try {
            ApiKey key = keys.require(header, request.getRemoteAddr());
            SecurityContext context = SecurityContextHolder.createEmptyContext();
            context.setAuthentication(UsernamePasswordAuthenticationToken.authenticated(key, null, List.of()));
            SecurityContextHolder.setContext(context);
        } catch (Problem problem) {
            Problems.write(problem, request, response);
            return;
        }
        chain.doFilter(request, response);
    }
}

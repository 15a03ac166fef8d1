package io.millrace.gateway;

import io.millrace.gateway.http.Endpoint;
import io.millrace.gateway.http.OtherErrors;
import io.millrace.gateway.people.AccountPage;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.access.intercept.AuthorizationFilter;
import org.springframework.security.web.header.writers.CrossOriginOpenerPolicyHeaderWriter;
import org.springframework.security.web.header.writers.CrossOriginResourcePolicyHeaderWriter;

/**
 * Spring Security for {@code /api/v1} and {@code /account} alone: what a process serves beside it (health, metrics, mail's links) has no part in it. Each
 * operation's permission is checked in {@link io.millrace.gateway.http.Routes}.
 */
@Configuration(proxyBeanMethods = false)
public class WebSecurity {
    @Bean
    OtherErrors otherErrors() {
        return new OtherErrors();
    }

    /** Foreign pages are kept out by {@link io.millrace.gateway.door.CallerFilter}, which knows whether a request has a key. */
    @Bean
    SecurityFilterChain api(HttpSecurity http, ObjectProvider<Gateway> gateway) {
        // Not a bean: Spring Boot would put it in front of every path.
        gateway.ifAvailable(here -> http.addFilterBefore(here.callerFilter(), AuthorizationFilter.class));
        return protect(http, Endpoint.BASE + "/**", "default-src 'none'; frame-ancestors 'none'");
    }

    /** The page is open to everybody: what it shows, it asks of the API. */
    @Bean
    SecurityFilterChain page(HttpSecurity http) {
        return protect(http, AccountPage.PATH + "/**", AccountPage.POLICY);
    }

    private static SecurityFilterChain protect(HttpSecurity http, String paths, String contentPolicy) {
        return http.securityMatcher(paths)
                .csrf(AbstractHttpConfigurer::disable)
                .requestCache(AbstractHttpConfigurer::disable)
                .logout(AbstractHttpConfigurer::disable)
                .sessionManagement(sessions -> sessions.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
                .headers(headers -> headers.contentSecurityPolicy(policy -> policy.policyDirectives(contentPolicy))
                        .referrerPolicy(referrer -> {})
                        .crossOriginOpenerPolicy(opener ->
                                opener.policy(CrossOriginOpenerPolicyHeaderWriter.CrossOriginOpenerPolicy.SAME_ORIGIN))
                        .crossOriginResourcePolicy(resource -> resource.policy(
                                CrossOriginResourcePolicyHeaderWriter.CrossOriginResourcePolicy.SAME_ORIGIN))
                        .permissionsPolicyHeader(permissions ->
                                permissions.policy("camera=(), geolocation=(), microphone=(), payment=(), usb=()")))
                .authorizeHttpRequests(requests -> requests.anyRequest().permitAll())
                .build();
    }
}

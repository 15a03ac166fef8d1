package io.millrace.gateway;

import io.millrace.gateway.http.Endpoint;
import io.millrace.gateway.http.OtherErrors;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.access.intercept.AuthorizationFilter;

/**
 * Spring Security for {@code /api/v1} alone: what a process serves beside it (health, metrics, mail's links) has no part in it. Each
 * operation's permission is checked in {@link io.millrace.gateway.http.Routes}.
 */
@Configuration(proxyBeanMethods = false)
public class WebSecurity {
    @Bean
    OtherErrors otherErrors() {
        return new OtherErrors();
    }

    /** There is no cookie that a foreign page could use, so nothing needs a token against that. */
    @Bean
    SecurityFilterChain api(HttpSecurity http, ObjectProvider<Gateway> gateway) {
        // Not a bean: Spring Boot would put it in front of every path.
        gateway.ifAvailable(here -> http.addFilterBefore(here.keyFilter(), AuthorizationFilter.class));
        return http.securityMatcher(Endpoint.BASE + "/**")
                .csrf(AbstractHttpConfigurer::disable)
                .requestCache(AbstractHttpConfigurer::disable)
                .logout(AbstractHttpConfigurer::disable)
                .sessionManagement(sessions -> sessions.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
                .headers(headers -> headers.contentSecurityPolicy(
                                policy -> policy.policyDirectives("default-src 'none'; frame-ancestors 'none'"))
                        .referrerPolicy(referrer -> {}))
                .authorizeHttpRequests(requests -> requests.anyRequest().permitAll())
                .build();
    }
}

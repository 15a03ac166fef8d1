package io.millrace.gateway.http;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.boot.webmvc.error.ErrorController;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.RequestMapping;

/** What the web server refuses before an operation is found, as a problem too. */
@Controller
public final class OtherErrors implements ErrorController {
    @RequestMapping("${server.error.path:/error}")
    void error(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Object status = request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE);
        Object path = request.getAttribute(RequestDispatcher.ERROR_REQUEST_URI);
        Problem problem = switch (status instanceof Integer code ? code : 500) {
            case 404 ->
                new Problem(
                        Problem.Kind.NOT_FOUND,
                        "there is no such path here",
                        "see the paths in " + Endpoint.BASE + "/openapi.json");
            case 405, 501 ->
                new Problem(
                        Problem.Kind.NOT_ALLOWED,
                        "the method is not one of this path's",
                        "see " + Endpoint.BASE + "/openapi.json");
            case 413 -> new Problem(Problem.Kind.TOO_LARGE, "the request is too large", "send a smaller one");
            case 500, 503 ->
                new Problem(Problem.Kind.INTERNAL, "the request failed", "try again; the hub's log says why");
            default ->
                new Problem(
                        Problem.Kind.BAD_PARAMETER,
                        "the request is not one that the server takes",
                        "encode what is special in a path or a parameter, such as semicolons, slashes and line ends");
        };
        Problems.write(problem, String.valueOf(path), response);
    }
}

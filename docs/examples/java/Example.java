// A laboratory sends results to Samjournal: the whole story of an integration, with Java's own library only (JDK 17 or newer).
//
//     java Example.java [http://127.0.0.1:8000] [system|value of a patient's identifier]
//
// Java has no JSON of its own; the small reader at the end is enough for this story. Use your own library instead.

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;

public class Example {
    static final String LAB = "urn:example:laboratory"; // The system of your own numbers: choose one, and keep it.
    static final int ATTEMPTS = 5;
    static final String JSON_OF_FHIR = "application/fhir+json";
    static final HttpClient HTTP = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /** An answer that is an error. `code` is that of the catalogue, docs/reference/errors.md. */
    static class Refused extends RuntimeException {
        final int status;
        final String code;

        Refused(int status, Object outcome) {
            super(status + " " + outcome);
            this.status = status;
            var codings = all(outcome, "issue").stream().flatMap(issue -> all(at(issue, "details"), "coding").stream());
            this.code = codings.filter(one -> "urn:samjournal:error".equals(at(one, "system")))
                .map(one -> text(one, "code")).findFirst().orElse("");
        }
    }

    record Answer(Object resource, String etag) {}

    /** Requests with a token. Whatever may be sent twice is sent again when the server asks for patience. */
    static class Client {
        final String base;
        final String clientId;
        String token;

        Client(String base, String clientId) throws Exception {
            this.base = base;
            this.clientId = clientId;
            signIn();
        }

        /** Get a token: it is valid for four hours, and a new one is had in the same way. */
        void signIn() throws Exception {
            var form = HttpRequest.BodyPublishers.ofString("grant_type=client_credentials&client_id=" + clientId);
            var request = HttpRequest.newBuilder(URI.create(base + "/sandbox/token"))
                .header("Content-Type", "application/x-www-form-urlencoded").POST(form).build();
            var given = new Json(HTTP.send(request, HttpResponse.BodyHandlers.ofString()).body()).read();
            token = text(given, "access_token");
        }

        Answer get(String path) throws Exception {
            return send("GET", path, null, true);
        }

        /** The resource and the ETag of the answer. `headers` are names and values by turns. Throws Refused. */
        Answer send(String method, String path, Object body, boolean mayRepeat, String... headers) throws Exception {
            var url = path.startsWith("http") ? path : base + "/fhir/" + path;
            var sent = body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(json(body));
            var building = HttpRequest.newBuilder(URI.create(url)).method(method, sent).timeout(Duration.ofSeconds(60))
                .header("Accept", JSON_OF_FHIR).header("Content-Type", JSON_OF_FHIR);
            if (headers.length > 0) building.headers(headers);
            for (int attempt = 1; ; attempt++) {
                long pause = 1L << attempt;
                var request = building.setHeader("Authorization", "Bearer " + token).build();
                try {
                    var answer = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
                    var resource = answer.body().isEmpty() ? null : new Json(answer.body()).read();
                    if (answer.statusCode() < 400) return new Answer(resource, answer.headers().firstValue("ETag").orElse(""));
                    var refused = new Refused(answer.statusCode(), resource);
                    if (refused.code.equals("token-needed") && attempt == 1) {
                        System.out.println("  the token has run out: get another");
                        signIn();
                        continue;
                    }
                    var isUnsure = refused.code.equals("outcome-unknown");
                    var asksForPatience = refused.status == 429 || refused.status == 503;
                    if (attempt == ATTEMPTS || !asksForPatience || (isUnsure && !mayRepeat)) throw refused;
                    pause = answer.headers().firstValueAsLong("Retry-After").orElse(pause);
                } catch (IOException broken) {
                    // The connection broke, and nobody knows what was done. A create without a condition is not repeated.
                    if (attempt == ATTEMPTS || !mayRepeat) throw broken;
                }
                System.out.println("  asked to wait " + pause + " s");
                Thread.sleep(pause * 1000);
            }
        }

        /** Every match of a search, page by page: follow the links, never make them. */
        List<Object> everyPage(String path) throws Exception {
            var found = new ArrayList<>();
            while (path != null) {
                var bundle = get(path).resource();
                all(bundle, "entry").forEach(entry -> found.add(at(entry, "resource")));
                path = all(bundle, "link").stream().filter(link -> "next".equals(at(link, "relation")))
                    .map(link -> text(link, "url")).findFirst().orElse(null);
            }
            return found;
        }
    }

    static Map<String, Object> result(String patient, String number, String code, String name, double value) {
        return object("resourceType", "Observation",
            "identifier", List.of(object("system", LAB, "value", number)),
            "status", "final",
            "code", object("coding", List.of(object("system", "http://loinc.org", "code", code)), "text", name),
            "subject", object("reference", patient),
            "effectiveDateTime", "2026-11-20T08:15:00+01:00",
            "valueQuantity", object("value", value, "unit", "mmol/L", "system", "http://unitsofmeasure.org", "code", "mmol/L"));
    }

    /** Change what was read, and nothing that somebody else wrote meanwhile. */
    @SuppressWarnings("unchecked")
    static Object correct(Client client, Answer read, double value) throws Exception {
        while (true) {
            var path = "Observation/" + text(read.resource(), "id");
            ((Map<String, Object>) at(read.resource(), "valueQuantity")).put("value", value);
            try {
                return client.send("PUT", path, read.resource(), true, "If-Match", read.etag()).resource();
            } catch (Refused refused) {
                if (!refused.code.equals("version-moved")) throw refused;
            }
            System.out.println("  somebody was before us: read again, change that");
            read = client.get(path);
        }
    }

    /** A report, its specimen and its result, which name one another before they have ids. */
    static Object report(String patient, String number) {
        var specimenUrl = "urn:uuid:" + UUID.randomUUID();
        var observationUrl = "urn:uuid:" + UUID.randomUUID();
        var specimen = object("resourceType", "Specimen",
            "identifier", List.of(object("system", LAB, "value", number + "-specimen")),
            "subject", object("reference", patient));
        var observation = result(patient, number + "-natrium", "2951-2", "Natrium", 139);
        observation.put("specimen", object("reference", specimenUrl));
        var report = object("resourceType", "DiagnosticReport",
            "identifier", List.of(object("system", LAB, "value", number + "-report")),
            "status", "final",
            "code", object("text", "Elektrolytter"),
            "subject", object("reference", patient),
            "result", List.of(object("reference", observationUrl)));
        return object("resourceType", "Bundle", "type", "transaction", "entry", List.of(
            entry(specimenUrl, specimen), entry(observationUrl, observation), entry("urn:uuid:" + UUID.randomUUID(), report)));
    }

    static Object entry(String fullUrl, Map<String, Object> resource) {
        var once = "identifier=" + LAB + "|" + text(all(resource, "identifier").get(0), "value");
        return object("fullUrl", fullUrl, "resource", resource,
            "request", object("method", "POST", "url", resource.get("resourceType"), "ifNoneExist", once));
    }

    public static void main(String[] arguments) throws Exception {
        var base = arguments.length > 0 ? arguments[0] : "http://127.0.0.1:8000";

        System.out.println("1. A token");
        var client = new Client(base, "laboratory");

        System.out.println("2. What the server can do");
        var able = client.get("metadata").resource();
        var observations = all(all(able, "rest").get(0), "resource").stream()
            .filter(one -> "Observation".equals(at(one, "type"))).findFirst().orElseThrow();
        if (!Boolean.TRUE.equals(at(observations, "conditionalCreate"))) throw new IllegalStateException("no conditional create");
        var software = at(able, "software");
        System.out.println("  " + text(software, "name") + " " + text(software, "version") + ", FHIR " + text(able, "fhirVersion"));

        System.out.println("3. A patient, by identifier");
        String identifier;
        if (arguments.length > 1) {
            identifier = arguments[1];
        } else { // None was given: take that of somebody in the demo.
            var somebody = all(client.get("Patient?name=solbakk&_count=1").resource(), "entry").get(0);
            var known = all(at(somebody, "resource"), "identifier").get(0);
            identifier = text(known, "system") + "|" + text(known, "value");
        }
        var found = all(client.get("Patient?identifier=" + quoted(identifier)).resource(), "entry");
        if (found.size() != 1) throw new IllegalStateException(identifier + " is not the identifier of one patient.");
        var patient = "Patient/" + text(at(found.get(0), "resource"), "id");
        System.out.println("  " + patient);

        System.out.println("4. A result, stored once however often it is sent");
        var number = UUID.randomUUID().toString();
        var potassium = result(patient, number + "-kalium", "2823-3", "Kalium", 4.1);
        var once = "identifier=" + LAB + "|" + number + "-kalium";
        var made = text(client.send("POST", "Observation", potassium, true, "If-None-Exist", once).resource(), "id");
        var again = text(client.send("POST", "Observation", potassium, true, "If-None-Exist", once).resource(), "id");
        if (!made.equals(again)) throw new IllegalStateException("It was stored twice.");
        System.out.println("  Observation/" + made);

        System.out.println("5. Read it back");
        var read = client.get("Observation/" + made);
        System.out.println("  " + text(at(read.resource(), "valueQuantity"), "value") + " mmol/L, " + read.etag());

        System.out.println("6. Correct it twice, the second time from what was read before the first");
        correct(client, read, 4.2);
        var corrected = correct(client, read, 4.3);
        System.out.println("  " + text(at(corrected, "valueQuantity"), "value") + " mmol/L, version "
            + text(at(corrected, "meta"), "versionId"));

        System.out.println("7. Several resources at once, all or none");
        var done = all(client.send("POST", "", report(patient, number), true).resource(), "entry");
        System.out.println("  " + done.stream().map(one -> text(at(one, "response"), "status")).collect(Collectors.joining(", ")));

        System.out.println("8. A search, to its last page");
        var several = LAB + "|" + number + "-kalium," + LAB + "|" + number + "-natrium";
        var names = client.everyPage("Observation?identifier=" + quoted(several) + "&_count=1").stream();
        System.out.println("  " + names.map(one -> text(at(one, "code"), "text")).sorted().collect(Collectors.joining(", ")));

        System.out.println("9. Errors, by their codes");
        try {
            client.get("Observation/nothing");
        } catch (Refused refused) {
            System.out.println("  " + refused.status + " " + refused.code);
        }
        try {
            potassium.put("status", "finished");
            client.send("POST", "Observation", potassium, false);
        } catch (Refused refused) {
            System.out.println("  " + refused.status + " " + refused.code);
        }
        System.out.println("Done: " + number);
    }

    // JSON, as much of it as is needed here.

    static String quoted(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    static Map<String, Object> object(Object... namesAndValues) {
        var made = new LinkedHashMap<String, Object>();
        for (int i = 0; i < namesAndValues.length; i += 2) made.put((String) namesAndValues[i], namesAndValues[i + 1]);
        return made;
    }

    static Object at(Object of, String name) {
        return of instanceof Map<?, ?> map ? map.get(name) : null;
    }

    static String text(Object of, String name) {
        return String.valueOf(at(of, name));
    }

    static List<?> all(Object of, String name) {
        return at(of, name) instanceof List<?> list ? list : List.of();
    }

    static String json(Object value) {
        if (value instanceof Map<?, ?> map)
            return map.entrySet().stream().map(one -> json(one.getKey()) + ":" + json(one.getValue())).collect(Collectors.joining(",", "{", "}"));
        if (value instanceof List<?> list) return list.stream().map(Example::json).collect(Collectors.joining(",", "[", "]"));
        if (!(value instanceof String text)) return String.valueOf(value);
        var out = new StringBuilder("\"");
        for (char c : text.toCharArray()) out.append(c < ' ' || c == '"' || c == '\\' ? String.format("\\u%04x", (int) c) : c);
        return out.append('"').toString();
    }

    /** Reads JSON; numbers stay as they were written. */
    static class Json {
        private final String text;
        private int at;

        Json(String text) {
            this.text = text;
        }

        Object read() {
            char next = peek();
            if (next == '{') return members();
            if (next == '[') return items();
            if (next == '"') return string();
            int from = at;
            while (at < text.length() && ",]} \n\r\t".indexOf(text.charAt(at)) < 0) at++;
            var word = text.substring(from, at);
            return switch (word) {
                case "true" -> true;
                case "false" -> false;
                case "null" -> null;
                default -> new java.math.BigDecimal(word);
            };
        }

        private Map<String, Object> members() {
            var made = new LinkedHashMap<String, Object>();
            for (at++; peek() != '}'; skip(',')) {
                var name = string();
                peek();
                at++;
                made.put(name, read());
            }
            at++;
            return made;
        }

        private List<Object> items() {
            var made = new ArrayList<>();
            for (at++; peek() != ']'; skip(',')) made.add(read());
            at++;
            return made;
        }

        private String string() {
            var out = new StringBuilder();
            peek();
            for (at++; text.charAt(at) != '"'; at++) {
                if (text.charAt(at) != '\\') {
                    out.append(text.charAt(at));
                } else if (text.charAt(++at) == 'u') {
                    out.append((char) Integer.parseInt(text.substring(at + 1, at + 5), 16));
                    at += 4;
                } else {
                    int escaped = "bfnrt".indexOf(text.charAt(at));
                    out.append(escaped < 0 ? text.charAt(at) : "\b\f\n\r\t".charAt(escaped));
                }
            }
            at++;
            return out.toString();
        }

        private char peek() {
            while (Character.isWhitespace(text.charAt(at))) at++;
            return text.charAt(at);
        }

        private void skip(char c) {
            if (peek() == c) at++;
        }
    }
}

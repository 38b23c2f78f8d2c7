package io.nextbestoffer.strategy.expression;

import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.cel.common.CelErrorCode;
import io.nextbestoffer.strategy.document.Suggestion;

/** Rewrites the messages of CEL for authors of rules, and adds the likely correction. */
final class CelMessages {

    private static final Pattern OVERLOAD = Pattern.compile(
            "found no matching overload for '(.+?)' applied to '(.*?)'( \\(candidates.*)?", Pattern.DOTALL);
    private static final Pattern UNEXPECTED = Pattern.compile(
            "(?:mismatched|extraneous) input '(.*?)' expecting .*", Pattern.DOTALL);
    private static final Pattern TOKEN = Pattern.compile("token recognition error at: '(.*)'", Pattern.DOTALL);
    static final Pattern UNDECLARED = Pattern.compile("undeclared reference to '(.+?)' \\(in container '.*'\\)");

    static final String NUMBER_OUT_OF_RANGE = "a number is out of range";
    static final String TOO_DEEP = "the expression is nested too deeply, or a chain of + or * is too long:"
            + " split the rule";

    /** Corrections for operators that CEL does not have. */
    private static final Map<String, String> CORRECTIONS = Map.of("and", "&&", "or", "||", "not", "!", "=", "==",
            "&", "&&", "|", "||", "<>", "!=", "AND", "&&", "OR", "||");

    private CelMessages() {
    }

    static String syntax(String message) {
        Matcher unexpected = UNEXPECTED.matcher(message);
        if (unexpected.matches()) {
            String token = unexpected.group(1);
            return token.equals("<EOF>")
                    ? "the expression is incomplete: something is missing here"
                    : "unexpected " + token + correction(token);
        }
        Matcher token = TOKEN.matcher(message);
        if (token.matches()) {
            String start = token.group(1).strip();
            return "unexpected " + start + correction(start);
        }
        if (message.startsWith("missing ')'")) {
            return "a closing ) is missing";
        }
        if (message.startsWith("Expression recursion limit")) {
            return TOO_DEEP;
        }
        return message.startsWith("For input string") ? NUMBER_OUT_OF_RANGE : message;
    }

    private static String correction(String token) {
        String correction = CORRECTIONS.get(token);
        return correction == null ? "" : ": did you mean " + correction + "?";
    }

    static String type(String message) {
        Matcher overload = OVERLOAD.matcher(message);
        if (overload.matches()) {
            String function = overload.group(1).replace("_", "");
            String types = names(overload.group(2));
            boolean mixed = types.contains("int") && types.contains("double");
            return function + " can't be applied to " + types
                    + (mixed
                            ? ": write the whole number as a double, for example 2.0, or convert it with double(…)"
                            : function.equals("+") && types.contains("string")
                                    ? ": strings can't be concatenated"
                                    : "");
        }
        Matcher undeclared = UNDECLARED.matcher(message);
        if (undeclared.matches()) {
            return "there is no function " + undeclared.group(1)
                    + Suggestion.of(undeclared.group(1), CelFunctions.NAMES);
        }
        return names(message);
    }

    /** Replaces CEL's names of types by those that documents use. */
    static String names(String types) {
        return types.replaceAll("\\bbool\\b", "boolean").replace("google.protobuf.Timestamp", "timestamp")
                .replace("google.protobuf.Duration", "duration");
    }

    static String evaluation(CelErrorCode code) {
        return switch (code) {
            case DIVIDE_BY_ZERO -> UncomputableException.DIVISION_BY_ZERO;
            case NUMERIC_OVERFLOW -> UncomputableException.OVERFLOW;
            case BAD_FORMAT -> UncomputableException.NOT_CONVERTIBLE;
            case ATTRIBUTE_NOT_FOUND -> "a key is missing";
            default -> code.name().toLowerCase(Locale.ROOT).replace('_', ' ');
        };
    }
}

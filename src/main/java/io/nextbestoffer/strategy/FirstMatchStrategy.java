package io.nextbestoffer.strategy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

import com.fasterxml.jackson.core.JsonGenerator;

import dev.cel.runtime.CelEvaluationException;
import io.nextbestoffer.activity.Activity;
import io.nextbestoffer.attribute.Attributes;
import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.customer.Customer;

/** Ordered rules; the first that matches decides. */
final class FirstMatchStrategy implements Strategy {

    record CompiledRule(Rule rule, Expression when, Choice choice) {
        CompiledRule(Rule rule, Expression when) {
            this(rule, when, new Choice(rule.name(), rule.offer()));
        }
    }

    private final String name;
    private final int version;
    private final String description;
    private final Declared declared;
    private final CompiledRule[] compiled;
    private final List<Rule> rules;
    private final Choice otherwise;
    private final Set<Id> offers;
    private final List<Attribute> output;
    private final boolean putsOutAllInputs;

    FirstMatchStrategy(String name, int version, String description, Declared declared, List<CompiledRule> compiled,
            Id otherwise, List<Attribute> output) {
        this.name = name;
        this.version = version;
        this.description = description;
        this.declared = declared;
        this.compiled = compiled.toArray(CompiledRule[]::new);
        this.rules = compiled.stream().map(CompiledRule::rule).toList();
        this.otherwise = new Choice(OTHERWISE, otherwise);
        this.output = List.copyOf(output);
        this.putsOutAllInputs = output.containsAll(declared.all());
        Set<Id> all = new LinkedHashSet<>();
        rules.forEach(rule -> all.add(rule.offer()));
        all.add(otherwise);
        this.offers = Collections.unmodifiableSet(all);
    }

    @Override
    public Inputs inputs(Activity activity, Customer customer) {
        return declared.inputs(activity, customer);
    }

    @Override
    public void check(Activity activity, BiConsumer<String, String> problem) {
        declared.check(activity, problem);
    }

    @Override
    public Inputs inputs(Map<?, ?> json) {
        return declared.inputs(json);
    }

    @Override
    public boolean putsOutAllInputs() {
        return putsOutAllInputs;
    }

    @Override
    public Inputs inputs(Attributes output) {
        return declared.inputs(output);
    }

    @Override
    public Choice choose(Inputs inputs) {
        requireOwn(inputs);
        for (CompiledRule rule : compiled) {
            if (matches(rule, inputs)) {
                return rule.choice();
            }
        }
        return otherwise;
    }

    @Override
    public List<RuleOutcome> explain(Inputs inputs) {
        Choice chosen = choose(inputs);
        List<RuleOutcome> outcomes = new ArrayList<>(compiled.length + 1);
        for (CompiledRule rule : compiled) {
            boolean matched;
            try {
                matched = matches(rule, inputs);
            } catch (UndecidableException e) {
                matched = false;
            }
            outcomes.add(outcome(rule.rule(), matched, rule.choice() == chosen));
        }
        outcomes.add(outcome(new Rule(OTHERWISE, "true", otherwise.offer()), true, otherwise == chosen));
        return List.copyOf(outcomes);
    }

    private static RuleOutcome outcome(Rule rule, boolean matched, boolean chosen) {
        return new RuleOutcome(rule.name(), rule.when(), rule.offer(), matched, chosen);
    }

    private static boolean matches(CompiledRule rule, Inputs inputs) {
        try {
            return rule.when().test(inputs);
        } catch (CelEvaluationException e) {
            // The original message may quote a value
            throw new UndecidableException("rule " + rule.rule().name() + " can't be computed: "
                    + CelMessages.evaluation(e.getErrorCode()));
        }
    }

    @Override
    public void writeOutput(Inputs inputs, JsonGenerator json) throws IOException {
        requireOwn(inputs);
        for (Attribute attribute : output) {
            json.writeFieldName(attribute.name());
            Attributes.writeValue(json, inputs.get(attribute));
        }
    }

    private void requireOwn(Inputs inputs) {
        if (!inputs.isOf(declared)) {
            throw new IllegalArgumentException("inputs of another strategy than " + this);
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int version() {
        return version;
    }

    @Override
    public String description() {
        return description;
    }

    @Override
    public List<Rule> rules() {
        return rules;
    }

    @Override
    public Id otherwise() {
        return otherwise.offer();
    }

    @Override
    public Set<Id> offers() {
        return offers;
    }

    @Override
    public List<String> output() {
        return output.stream().map(Attribute::reference).toList();
    }

    @Override
    public String toString() {
        return name + " " + version;
    }
}

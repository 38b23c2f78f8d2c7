package io.nextbestoffer.platform.http;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import jakarta.validation.Constraint;
import jakarta.validation.Payload;
import jakarta.validation.constraints.Size;

import io.nextbestoffer.attribute.Id;

/** The id of a customer or an offer in a path or query: at most {@value Id#MAX_LENGTH} characters, none of them NUL. */
@Size(max = Id.MAX_LENGTH)
@ValidText
@Constraint(validatedBy = {})
@Target({ElementType.PARAMETER, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
public @interface ValidId {

    String message() default "";

    Class<?>[] groups() default {};

    Class<? extends Payload>[] payload() default {};
}

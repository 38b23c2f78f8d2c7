/** Strategies as data: chooses offers by the documents of marketers. Pure Java, no framework. */
@NullMarked
package io.nextbestoffer.strategy;

import org.jspecify.annotations.NullMarked;

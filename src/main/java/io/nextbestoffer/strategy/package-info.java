/** Strategies as data: chooses offers according to documents written by marketers. Pure Java, no framework. */
@NullMarked
package io.nextbestoffer.strategy;

import org.jspecify.annotations.NullMarked;

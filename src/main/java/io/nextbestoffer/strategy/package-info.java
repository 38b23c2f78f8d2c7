/** How to decide: strategies as data. Pure Java, no framework. */
@NullMarked
package io.nextbestoffer.strategy;

import org.jspecify.annotations.NullMarked;

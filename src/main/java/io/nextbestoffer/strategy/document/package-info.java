/** Reads YAML documents with the positions of their parts, and collects problems. */
@NullMarked
package io.nextbestoffer.strategy.document;

import org.jspecify.annotations.NullMarked;

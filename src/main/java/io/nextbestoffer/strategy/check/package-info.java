/** Static checks of rules: which rules can never fire. */
@NullMarked
package io.nextbestoffer.strategy.check;

import org.jspecify.annotations.NullMarked;

/**
 * Simulations: decide recorded activities or samples by a strategy and report what it would change, without sending
 * offers.
 */
@NullMarked
package io.nextbestoffer.simulation;

import org.jspecify.annotations.NullMarked;

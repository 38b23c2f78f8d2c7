/** What operators start: repairs of what the service stores, dead letters. Each tells how far it is. */
@NullMarked
package io.nextbestoffer.operation;

import org.jspecify.annotations.NullMarked;

/** Who calls: bearer tokens of the company's identity provider, and what is answered to who has none. */
@NullMarked
package io.nextbestoffer.security;

import org.jspecify.annotations.NullMarked;

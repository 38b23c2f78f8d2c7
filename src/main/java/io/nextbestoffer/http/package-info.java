/** What holds for each request, whichever feature answers it: who calls, how often, and how much he may send. */
@NullMarked
package io.nextbestoffer.http;

import org.jspecify.annotations.NullMarked;

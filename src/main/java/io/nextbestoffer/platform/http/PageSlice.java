package io.nextbestoffer.platform.http;

import java.util.List;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

/**
 * One page of a longer list. Its query reads one row more than the page may hold, which shows whether another page
 * follows.
 *
 * @param items the rows of this page
 * @param hasNext whether another page follows
 */
public record PageSlice<T>(List<T> items, boolean hasNext) {

    /** @param found at most one row more than the limit */
    public static <T> PageSlice<T> of(List<T> found, int limit) {
        boolean hasNext = found.size() > limit;
        return new PageSlice<>(hasNext ? found.subList(0, limit) : found, hasNext);
    }

    /** The rows of this page, as the response shows them. */
    public <R> List<R> map(Function<? super T, ? extends R> mapper) {
        return items.stream().<R>map(mapper).toList();
    }

    /** The cursor of the next page, made from the last row of this one; null on the last page. */
    public <C> @Nullable C next(Function<? super T, ? extends C> cursor) {
        return hasNext ? cursor.apply(items.get(items.size() - 1)) : null;
    }
}

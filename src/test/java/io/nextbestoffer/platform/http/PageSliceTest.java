package io.nextbestoffer.platform.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;

import org.junit.jupiter.api.Test;

class PageSliceTest {

    @Test
    void cutsTheExtraRowAndPointsToTheNextPage() {
        var page = PageSlice.of(List.of("a", "b", "c"), 2);

        assertThat(page.items()).containsExactly("a", "b");
        assertThat(page.map(String::toUpperCase)).containsExactly("A", "B");
        assertThat(page.<String>next(last -> "after " + last)).isEqualTo("after b");
    }

    @Test
    void hasNoNextPageWithoutAnExtraRow() {
        var page = PageSlice.of(List.of("a", "b"), 2);

        assertThat(page.items()).containsExactly("a", "b");
        assertThat(page.<String>next(last -> last)).isNull();
    }

    @Test
    void acceptsAnEmptyList() {
        assertThat(PageSlice.<String>of(List.of(), 2).<String>next(last -> last)).isNull();
    }
}

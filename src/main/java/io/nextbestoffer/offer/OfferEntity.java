package io.nextbestoffer.offer;

import java.time.Instant;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;

import org.hibernate.annotations.ColumnTransformer;
import org.hibernate.annotations.Immutable;
import org.jspecify.annotations.Nullable;

import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;

/** A row of the table of offers, as REST reads it. Decisions use the copy in {@link Offers}. */
@Entity
@Immutable
@Table(name = "offer")
public class OfferEntity extends PanacheEntityBase {

    @Id
    @Column(name = "offer_id", columnDefinition = "text")
    public String id;

    @Column(name = "numeric_id")
    public boolean numeric;

    @Column(name = "offer_name", columnDefinition = "text")
    public String name;

    @Column(name = "offer_url", columnDefinition = "text")
    public String url;

    @Column(columnDefinition = "text")
    public @Nullable String category;

    // As text, to be parsed by JsonReader: other JSON parsers change numbers
    @ColumnTransformer(read = "cast(attributes as text)")
    public String attributes;

    @Column(name = "valid_from")
    public @Nullable Instant validFrom;

    @Column(name = "valid_until")
    public @Nullable Instant validUntil;

    Offer offer() {
        return new Offer(new io.nextbestoffer.attribute.Id(id, numeric), name, url, category,
                OfferAttributes.parseStored(attributes, (name, message) -> {
                }), validFrom, validUntil);
    }
}

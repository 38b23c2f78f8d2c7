# The native image from a bare checkout, without anything installed but the builder of images:
#   docker build -t next-best-offer --build-arg REVISION=$(git rev-parse HEAD) .
# Takes about ten minutes and 8 GB of memory. Only /tmp must be writable: docs/native.md#images
FROM quay.io/quarkus/ubi9-quarkus-mandrel-builder-image:jdk-25 AS build

WORKDIR /code
COPY --chown=quarkus:quarkus mvnw pom.xml /code/
COPY --chown=quarkus:quarkus .mvn /code/.mvn
USER quarkus
# Libraries in a layer of their own: they are loaded anew only if the build file changes
RUN ["./mvnw", "-B", "-ntp", "-q", "quarkus:go-offline"]
COPY --chown=quarkus:quarkus src /code/src
RUN ["./mvnw", "-B", "-ntp", "package", "-Dnative", "-Dmaven.test.skip=true"]

FROM quay.io/quarkus/ubi9-quarkus-micro-image:2.0

ARG VERSION=0.1.0-SNAPSHOT
ARG REVISION=unknown
# Where the sources are: https://…
ARG SOURCE=unknown
LABEL org.opencontainers.image.title="Next Best Offer" \
      org.opencontainers.image.description="Decides the next best offer for every customer activity on Kafka, exactly once" \
      org.opencontainers.image.source="${SOURCE}" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

# One JSON object per line, for whoever collects logs: docs/observability.md
ENV QUARKUS_LOG_CONSOLE_JSON_ENABLED=true

WORKDIR /app
COPY --from=build --chown=0:0 --chmod=0755 /code/target/*-runner /app/next-best-offer

ENTRYPOINT ["/app/next-best-offer", "-XX:MaximumHeapSizePercent=60"]
EXPOSE 8080 9000
USER 1001

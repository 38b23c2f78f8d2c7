# The native executable, built from a bare checkout. Only an image builder is needed:
#   docker build -t next-best-offer --build-arg REVISION=$(git rev-parse HEAD) .
# The build takes about ten minutes and 8 GB of memory. Only /tmp must be writable: docs/native.md#images
FROM quay.io/quarkus/ubi9-quarkus-mandrel-builder-image:jdk-25 AS build

WORKDIR /code
COPY --chown=quarkus:quarkus mvnw pom.xml /code/
COPY --chown=quarkus:quarkus .mvn /code/.mvn
USER quarkus
# Libraries have a layer of their own, which is rebuilt only if pom.xml changes
RUN ["./mvnw", "-B", "-ntp", "-q", "quarkus:go-offline"]
COPY --chown=quarkus:quarkus src /code/src
RUN ["./mvnw", "-B", "-ntp", "package", "-Dnative", "-Dmaven.test.skip=true"]

FROM quay.io/quarkus/ubi9-quarkus-micro-image:2.0

ARG VERSION=0.1.0-SNAPSHOT
ARG REVISION=unknown
# URL of the sources: https://…
ARG SOURCE=unknown
LABEL org.opencontainers.image.title="Next Best Offer" \
      org.opencontainers.image.description="Decides the next best offer for every customer activity on Kafka, exactly once" \
      org.opencontainers.image.source="${SOURCE}" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

# Logs as JSON, one object per line: docs/observability.md
ENV QUARKUS_LOG_CONSOLE_JSON_ENABLED=true

WORKDIR /app
COPY --from=build --chown=0:0 --chmod=0755 /code/target/*-runner /app/next-best-offer

ENTRYPOINT ["/app/next-best-offer", "-XX:MaximumHeapSizePercent=60"]
EXPOSE 8080 9000
USER 1001

# Muster with the programs that it restores with. `docker run … serve` needs a configuration in /etc/muster/muster.toml;
# `docker run … demo --listen 0.0.0.0:8080` needs nothing.
FROM rust:1.96-bookworm AS build
RUN rustup target add wasm32-unknown-unknown
WORKDIR /src
COPY . .
RUN cargo build --release --locked --package server --package bundle && target/release/bundle

FROM debian:bookworm-slim
# The package would start a cluster of its own; Muster makes private ones.
RUN mkdir -p /etc/postgresql-common \
 && echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.conf \
 && apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates curl openssh-client pgbackrest postgresql \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --create-home --home-dir /var/lib/muster muster
COPY --from=build /src/target/release/muster /usr/local/bin/
COPY --from=build /src/target/site /usr/local/share/muster/site
USER muster
ENV MUSTER__LISTEN=0.0.0.0:8080 MUSTER__DATA_DIR=/var/lib/muster
VOLUME /var/lib/muster
EXPOSE 8080
HEALTHCHECK --start-period=60s CMD curl --fail --silent --show-error http://127.0.0.1:8080/health/live
ENTRYPOINT ["muster"]
CMD ["serve"]

package io.nextbestoffer;

import java.nio.file.*;
import java.time.*;
import java.util.*;

import org.junit.jupiter.api.Test;

import io.nextbestoffer.sandbox.*;

class GracefulX {
    static Map<String, String> props(String instance) {
        var m = new HashMap<String, String>();
        m.put("nbo.stream.instance", instance);
        if (Boolean.getBoolean("dbg")) {
            m.put("quarkus.log.category.\"io.quarkus.runtime\".level", "DEBUG");
            m.put("quarkus.log.category.\"io.nextbestoffer\".level", "DEBUG");
            m.put("quarkus.log.category.\"io.smallrye.reactive.messaging\".level", "DEBUG");
            m.put("quarkus.log.category.\"org.apache.kafka.clients.consumer.internals.ConsumerCoordinator\".level",
                    "DEBUG");
            m.put("quarkus.log.category.\"org.apache.kafka.clients.consumer.KafkaConsumer\".level", "DEBUG");
            m.put("quarkus.log.category.\"org.apache.kafka.clients.producer.internals.TransactionManager\".level",
                    "DEBUG");
        }
        if (Boolean.getBoolean("coop"))
            m.put("mp.messaging.incoming.activities.partition.assignment.strategy",
                    "org.apache.kafka.clients.consumer.CooperativeStickyAssignor");
        System.getProperties().forEach((k, v) -> {
            if (k.toString().startsWith("svc."))
                m.put(k.toString().substring(4), v.toString());
        });
        return m;
    }
    static long now() {
        return System.currentTimeMillis();
    }
    static String t(long ms) {
        return LocalTime.ofInstant(Instant.ofEpochMilli(ms), ZoneId.systemDefault()).toString();
    }
    @Test
    void rolling() throws Exception {
        int rate = Integer.getInteger("rate", 2000);
        try (var sandbox = SandboxInfrastructure.start(SandboxInfrastructure.Options.defaults().withSample());
                var traffic = new Traffic(sandbox.kafka())) {
            sandbox.debezium().stop();
            var one = sandbox.startService("one", 0, 0, props("one"));
            one.awaitReady(Duration.ofSeconds(60));
            var two = sandbox.startService("two", 0, 0, props("two"));
            two.awaitReady(Duration.ofSeconds(60));
            SteadyLoad.sendCustomers(sandbox, traffic);
            var load = new SteadyLoad(traffic, rate);
            var watch = new LatencyWatch(sandbox.kafka());
            Thread.sleep(Integer.getInteger("warm", 15000));
            long start = now();
            Thread.sleep(5000);
            long[] marks = new long[8];
            int i = 0;
            marks[0] = now();
            one.stop();
            marks[1] = now();
            System.out.println("one exit " + one.exitCode());
            Thread.sleep(3000);
            marks[2] = now();
            one = sandbox.startService("one-b", 0, 0, props("one"));
            one.awaitReady(Duration.ofSeconds(60));
            marks[3] = now();
            Thread.sleep(5000);
            marks[4] = now();
            two.stop();
            marks[5] = now();
            System.out.println("two exit " + two.exitCode());
            Thread.sleep(3000);
            marks[6] = now();
            two = sandbox.startService("two-b", 0, 0, props("two"));
            two.awaitReady(Duration.ofSeconds(60));
            marks[7] = now();
            Thread.sleep(5000);
            load.close();
            Thread.sleep(2000);
            System.out.println("steady " + watch.between(start, marks[0]));
            System.out.println("stop   " + watch.between(marks[0] - 500, marks[2]));
            System.out.println("start  " + watch.between(marks[2], marks[4] - 500));
            System.out.println("stop   " + watch.between(marks[4] - 500, marks[6]));
            System.out.println("start  " + watch.between(marks[6], now()));
            for (int k = 0; k < 8; k++)
                System.out.println("mark " + k + " " + t(marks[k]) + " " + (marks[k] - start) / 1000.0);
            System.out.println(watch.perSecond(start));
            watch.close();
            two.stop();
            one.stop();
            Path out = Path.of("/tmp/w-fuzz-run/logs");
            Files.createDirectories(out);
            for (var n : List.of("one", "two", "one-b", "two-b"))
                Files.copy(sandbox.logs().resolve(n + ".log"), out.resolve(n + ".log"),
                        StandardCopyOption.REPLACE_EXISTING);
            load.assertExactlyOnce();
            System.out.println("exactly once " + load.sent());
        }
    }
}

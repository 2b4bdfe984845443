package millrace.peer;

import com.sun.management.OperatingSystemMXBean;
import java.io.File;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.utils.AppInfoParser;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler;

/** --brokers B --query Q --records N --guarantee eos|alo --commit-ms 100 --cache on|off: runs Q to the end of its input, prints one line of JSON. */
public final class Bench {
  record Sample(long nanos, long cpu, double processed, long busy) {}

  /** Ticks (10 ms) all processes of the machine have been busy; 0 where there is no /proc. */
  static long busy() throws Exception {
    Path stat = Path.of("/proc/stat");
    if (!Files.isReadable(stat)) return 0;
    String[] f = Files.readAllLines(stat).get(0).trim().split(" +");
    return Long.parseLong(f[1]) + Long.parseLong(f[2]) + Long.parseLong(f[3]) + Long.parseLong(f[6]) + Long.parseLong(f[7]);
  }

  static final OperatingSystemMXBean OS = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  static double processed(KafkaStreams streams, List<Metric> found) {
    if (found.isEmpty()) {
      for (Metric metric : streams.metrics().values()) {
        if (metric.metricName().name().equals("process-total") && metric.metricName().group().equals("stream-thread-metrics")) found.add(metric);
      }
    }
    double sum = 0;
    for (Metric metric : found) sum += (Double) metric.metricValue();
    return sum;
  }

  public static void main(String[] args) throws Exception {
    if (System.getProperty("org.slf4j.simpleLogger.defaultLogLevel") == null) System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "error");
    Args a = new Args(args);
    String brokers = a.text("brokers", "127.0.0.1:9092");
    String name = a.text("query", "passthrough");
    int records = a.integer("records", 1_000_000);
    int partitions = a.integer("partitions", 4);
    int threads = a.integer("threads", 1);
    boolean eos = a.text("guarantee", "eos").equals("eos");
    int commitMs = a.integer("commit-ms", 100);
    boolean cache = a.text("cache", "on").equals("on");
    Queries.Query query = Queries.query(name);

    List<String> topics = new ArrayList<>();
    long expected = 0;
    for (String dataset : query.inputs()) {
      int count = Queries.inputRecords(dataset, records);
      topics.add(Data.ensure(brokers, dataset, count, partitions));
      expected += count;
    }

    String application = "ks-" + name + "-" + Long.toString(System.currentTimeMillis(), 36);
    String out = application + "-out";
    Path state = Files.createTempDirectory(Path.of(a.text("state-dir", System.getProperty("java.io.tmpdir"))), "kstreams-");
    StreamsBuilder builder = new StreamsBuilder();
    Queries.build(name, builder, topics, out);

    Properties props = new Properties();
    props.put(StreamsConfig.APPLICATION_ID_CONFIG, application);
    props.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, brokers);
    props.put(StreamsConfig.STATE_DIR_CONFIG, state.toString());
    props.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, threads);
    props.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, eos ? StreamsConfig.EXACTLY_ONCE_V2 : StreamsConfig.AT_LEAST_ONCE);
    props.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, commitMs);
    if (!cache) props.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 0);
    for (String pair : a.all("conf")) props.put(pair.substring(0, pair.indexOf('=')), pair.substring(pair.indexOf('=') + 1));

    List<Sample> samples = new ArrayList<>();
    long closed;
    long cpuClosed;
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", brokers))) {
      Data.createTopic(admin, out, partitions);
      KafkaStreams streams = new KafkaStreams(builder.build(), props);
      streams.setUncaughtExceptionHandler(error -> {
        error.printStackTrace();
        Runtime.getRuntime().halt(1);
        return StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
      });
      long launched = System.nanoTime();
      long deadline = launched + a.integer("limit-s", 300) * 1_000_000_000L;
      streams.start();
      List<Metric> found = new ArrayList<>();
      long quiet = 300_000_000L;
      double last = 0;
      while (true) {
        Thread.sleep(10);
        long now = System.nanoTime();
        double done = processed(streams, found);
        if (done != last) samples.add(new Sample(now, OS.getProcessCpuTime(), done, busy()));
        last = done;
        if (now > deadline) throw new IllegalStateException("limit passed at " + done + " of " + expected);
        if (!samples.isEmpty() && done >= expected && now - samples.get(samples.size() - 1).nanos() > quiet) break;
      }
      long closing = System.nanoTime();
      streams.close(Duration.ofSeconds(60));
      cpuClosed = OS.getProcessCpuTime();
      closed = System.nanoTime() - closing;
    }

    Sample first = samples.get(0);
    Sample end = samples.get(samples.size() - 1);
    double seconds = (end.nanos() - first.nanos()) / 1e9;
    double cpu = (cpuClosed - first.cpu()) / 1e9;
    Sample quarter = first;
    for (Sample sample : samples) {
      quarter = sample;
      if (sample.processed() >= end.processed() / 4) break;
    }
    double part = expected * (1 - quarter.processed() / end.processed());
    double steadySeconds = (end.nanos() - quarter.nanos()) / 1e9;
    double steadyCpu = (end.cpu() - quarter.cpu()) / 1e9;

    Data.Checksum sum = new Data.Checksum();
    long outputs = a.text("verify", "on").equals("on") ? read(brokers, out, partitions, query.lastPerKey(), sum) : -1;
    cleanUp(brokers, application, state);

    System.out.printf(Locale.ROOT,
        "{\"engine\":\"kafka-streams %s\",\"query\":\"%s\",\"guarantee\":\"%s\",\"commitMs\":%d,\"cache\":\"%s\",\"threads\":%d,\"records\":%d,\"seconds\":%.2f,"
            + "\"recordsPerSecond\":%d,\"cpuSeconds\":%.2f,\"cpuMicrosPerRecord\":%.2f,\"steadyRecordsPerSecond\":%d,\"steadyCpuMicrosPerRecord\":%.2f,"
            + "\"machineBusyCores\":%.2f,\"closeSeconds\":%.2f,\"processed\":%d,\"outputs\":%d,\"finalOutputs\":%d,\"checksum\":\"%s\"}%n",
        AppInfoParser.getVersion(), name, eos ? "eos" : "alo", commitMs, cache ? "on" : "off", threads, expected, seconds, Math.round(expected / seconds), cpu,
        cpu * 1e6 / expected, Math.round(part / steadySeconds), steadyCpu * 1e6 / part, (end.busy() - first.busy()) / 100.0 / seconds, closed / 1e9, (long) end.processed(), outputs, sum.count, sum);
    System.out.flush();
    Runtime.getRuntime().halt(0);
  }

  /** Reads the committed output; returns how many records there are. */
  static long read(String brokers, String topic, int partitions, boolean lastPerKey, Data.Checksum sum) {
    Properties props = new Properties();
    props.put("bootstrap.servers", brokers);
    props.put("isolation.level", "read_committed");
    props.put("max.poll.records", "5000");
    props.put("fetch.max.bytes", "52428800");
    props.put("max.partition.fetch.bytes", "8388608");
    long count = 0;
    Map<String, Long> last = new HashMap<>();
    try (var consumer = new KafkaConsumer<>(props, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> all = new ArrayList<>();
      for (int p = 0; p < partitions; p++) all.add(new TopicPartition(topic, p));
      consumer.assign(all);
      consumer.seekToBeginning(all);
      Map<TopicPartition, Long> ends = consumer.endOffsets(all);
      while (true) {
        for (var record : consumer.poll(Duration.ofMillis(200))) {
          count++;
          if (!lastPerKey) {
            sum.add(record.key(), record.value());
          } else {
            String key = new String(record.key(), StandardCharsets.ISO_8859_1);
            if (record.value() == null) last.remove(key);
            else last.put(key, Data.Checksum.hash(record.key(), record.value()));
          }
        }
        boolean done = true;
        for (TopicPartition partition : all) done &= consumer.position(partition) >= ends.get(partition);
        if (done) break;
      }
    }
    for (long hash : last.values()) sum.add(hash);
    return count;
  }

  static void cleanUp(String brokers, String application, Path state) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", brokers))) {
      List<String> mine = admin.listTopics().names().get().stream().filter(topic -> topic.startsWith(application + "-")).toList();
      admin.deleteTopics(mine).all().get();
      try {
        admin.deleteConsumerGroups(List.of(application)).all().get();
      } catch (Exception ignored) {
        // the member may still be known for a moment; the group expires by itself
      }
    }
    try (var paths = Files.walk(state)) {
      paths.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
    }
  }
}

package millrace.peer;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Utils;

/** Input data: record i of a dataset is a function of i alone. The same bytes as bench/data of Millrace; a checksum that differs shows a mistake here. */
public final class Data {
  public static final long T0 = 1_700_000_000_000L;
  public static final int USERS = 10_000;

  public record Rec(byte[] key, byte[] value, long timestamp) {}

  interface Generator {
    Rec at(int i);
  }

  // ---- pseudo-random numbers -------------------------------------------------------------------------------------

  static int mix(int x) {
    x ^= x >>> 16;
    x *= 0x85ebca6b;
    x ^= x >>> 13;
    x *= 0xc2b2ae35;
    x ^= x >>> 16;
    return x;
  }

  static int rnd(int seed, int i, int lane) {
    return mix(mix(i ^ (seed * 0x9E3779B1)) + lane * 0x9E3779B9);
  }

  static int below(int seed, int i, int lane, int n) {
    return (int) (((rnd(seed, i, lane) & 0xffffffffL) * n) >>> 32);
  }

  // ---- text ------------------------------------------------------------------------------------------------------

  static StringBuilder pad(StringBuilder s, long n, int width) {
    String t = Long.toString(n);
    for (int k = t.length(); k < width; k++) s.append('0');
    return s.append(t);
  }

  static final char[] HEX = "0123456789abcdef".toCharArray();

  static StringBuilder hex(StringBuilder s, int x) {
    for (int shift = 28; shift >= 0; shift -= 4) s.append(HEX[(x >>> shift) & 15]);
    return s;
  }

  static byte[] latin(CharSequence s) {
    return s.toString().getBytes(StandardCharsets.ISO_8859_1);
  }

  static byte[] padded(String prefix, long n, int width) {
    return latin(pad(new StringBuilder(prefix), n, width));
  }

  static final String[] NAMES = {
    "post_viewed", "post_viewed", "post_viewed", "post_viewed", "post_viewed", "post_liked", "comment_added", "link_clicked", "page_left", "heartbeat"
  };
  static final String[] COUNTRIES = {"DE", "FR", "US", "GB", "BR", "IN", "JP", "PL", "SE", "NO", "ES", "IT", "NL", "CA", "AU", "ZA"};
  static final String[] DEVICES = {"mobile", "desktop", "tablet", "tv"};
  static final String[] BROWSERS = {"Chrome", "Firefox", "Safari", "Edge"};
  static final String[] PLANS = {"free", "basic", "pro", "team"};

  // ---- datasets --------------------------------------------------------------------------------------------------

  static Rec event(int i) {
    int seed = 1;
    int user = below(seed, i, 0, USERS);
    int post = below(seed, i, 2, 100_000);
    long ts = T0 + i - below(seed, i, 11, 5_000);
    StringBuilder s = new StringBuilder(360);
    s.append("{\"event_id\":\"e");
    pad(s, i, 12).append("\",\"event_name\":\"").append(NAMES[below(seed, i, 1, 10)]).append("\",\"user_id\":\"u");
    pad(s, user, 5).append("\",\"session_id\":\"s");
    hex(s, rnd(seed, i, 3)).append("\",\"post_id\":\"p");
    pad(s, post, 6).append("\",\"ts\":").append(ts).append(",\"country\":\"").append(COUNTRIES[below(seed, i, 4, 16)]);
    s.append("\",\"device\":\"").append(DEVICES[below(seed, i, 5, 4)]).append("\",\"browser\":\"").append(BROWSERS[below(seed, i, 6, 4)]);
    s.append("\",\"url\":\"https://example.com/posts/p");
    pad(s, post, 6).append("?ref=");
    hex(s, rnd(seed, i, 7)).append("\",\"referrer\":\"https://www.google.com/\",\"duration_ms\":").append(below(seed, i, 8, 60_000));
    s.append(",\"scroll\":").append(below(seed, i, 9, 101)).append(",\"version\":\"4.12.").append(below(seed, i, 10, 100)).append("\"}");
    return new Rec(padded("u", user, 5), latin(s), ts);
  }

  static Rec simple(int i) {
    int key = below(3, i, 0, USERS);
    StringBuilder s = new StringBuilder(100);
    pad(s, i, 12);
    while (s.length() < 100) s.append('v');
    return new Rec(new byte[] {(byte) (key >>> 24), (byte) (key >>> 16), (byte) (key >>> 8), (byte) key}, latin(s), T0 + i);
  }

  static Rec user(int i) {
    long ts = T0 - 3_600_000L + i;
    StringBuilder s = new StringBuilder(160);
    s.append("{\"user_id\":\"u");
    pad(s, i, 5).append("\",\"name\":\"User ");
    pad(s, i, 5).append("\",\"country\":\"").append(COUNTRIES[below(4, i, 0, 16)]).append("\",\"plan\":\"").append(PLANS[below(4, i, 1, 4)]);
    s.append("\",\"score\":").append(below(4, i, 2, 1000)).append(",\"signup\":").append(T0 - 86_400_000L * (1 + below(4, i, 3, 1000))).append('}');
    return new Rec(padded("u", i, 5), latin(s), ts);
  }

  static Generator generator(String dataset) {
    return switch (dataset) {
      case "events" -> Data::event;
      case "simple" -> Data::simple;
      case "users" -> Data::user;
      default -> throw new IllegalArgumentException("unknown dataset " + dataset);
    };
  }

  static int partition(Rec rec, int partitions) {
    return Utils.toPositive(Utils.murmur2(rec.key())) % partitions;
  }

  // ---- checksums -------------------------------------------------------------------------------------------------

  /** Order-independent: two sums modulo 2^32 over the records, of FNV-1a and of murmur2 of key, a zero byte and value. */
  static final class Checksum {
    int fnv;
    int murmur;
    long count;

    void add(byte[] key, byte[] value) {
      add(hash(key, value));
    }

    void add(long hash) {
      fnv += (int) (hash >>> 32);
      murmur += (int) hash;
      count++;
    }

    static long hash(byte[] key, byte[] value) {
      int keyLength = key == null ? 0 : key.length;
      byte[] all = new byte[keyLength + 1 + value.length];
      if (key != null) System.arraycopy(key, 0, all, 0, keyLength);
      System.arraycopy(value, 0, all, keyLength + 1, value.length);
      int h = 0x811c9dc5;
      for (byte b : all) h = (h ^ (b & 0xff)) * 0x01000193;
      return ((long) h << 32) | (Utils.murmur2(all) & 0xffffffffL);
    }

    @Override
    public String toString() {
      return hex(hex(new StringBuilder(), fnv), murmur).toString();
    }
  }

  // ---- loading ---------------------------------------------------------------------------------------------------

  static String topic(String dataset, int records, int partitions) {
    return "bench-" + dataset + "-" + records + "-" + partitions;
  }

  static long endSum(Admin admin, String topic, int partitions) throws Exception {
    Map<TopicPartition, OffsetSpec> ask = new LinkedHashMap<>();
    for (int p = 0; p < partitions; p++) ask.put(new TopicPartition(topic, p), OffsetSpec.latest());
    long sum = 0;
    for (var info : admin.listOffsets(ask).all().get().values()) sum += info.offset();
    return sum;
  }

  static void createTopic(Admin admin, String topic, int partitions) throws Exception {
    admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1).configs(Map.of("retention.ms", "-1", "retention.bytes", "-1")))).all().get();
  }

  /** Makes sure the topic holds exactly the first `records` records of the dataset; returns its name. */
  static String ensure(String brokers, String dataset, int records, int partitions) throws Exception {
    String topic = topic(dataset, records, partitions);
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", brokers))) {
      if (admin.listTopics().names().get().contains(topic)) {
        if (endSum(admin, topic, partitions) == records) return topic;
        admin.deleteTopics(List.of(topic)).all().get();
        Thread.sleep(1000);
      }
      createTopic(admin, topic, partitions);
    }
    Properties props = new Properties();
    props.put("bootstrap.servers", brokers);
    props.put("enable.idempotence", "true");
    props.put("acks", "all");
    props.put("linger.ms", "20");
    props.put("batch.size", "262144");
    props.put("buffer.memory", "67108864");
    AtomicReference<Exception> failure = new AtomicReference<>();
    Generator generator = generator(dataset);
    long began = System.nanoTime();
    try (var producer = new KafkaProducer<>(props, new ByteArraySerializer(), new ByteArraySerializer())) {
      for (int i = 0; i < records; i++) {
        Rec rec = generator.at(i);
        producer.send(new ProducerRecord<>(topic, partition(rec, partitions), rec.timestamp(), rec.key(), rec.value()), (meta, error) -> {
          if (error != null) failure.compareAndSet(null, error);
        });
        if (failure.get() != null) throw failure.get();
      }
      producer.flush();
    }
    if (failure.get() != null) throw failure.get();
    System.err.printf("loaded %s in %.1f s%n", topic, (System.nanoTime() - began) / 1e9);
    return topic;
  }
}

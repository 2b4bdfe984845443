package millrace.peer;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Joined;
import org.apache.kafka.streams.kstream.KTable;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.kstream.Windowed;

/** The benchmark topologies: what bench/queries of Millrace does, in Kafka Streams. */
final class Queries {
  /** inputs: dataset names; lastPerKey: the checksum is over the last value of each key. */
  record Query(List<String> inputs, boolean lastPerKey) {}

    static Query query(String name) {
    return switch (name) {
      case "passthrough", "filter-map" -> new Query(List.of("events"), false);
      case "count" -> new Query(List.of("simple"), true);
      case "windowed-count" -> new Query(List.of("events"), true);
      case "stream-table-join" -> new Query(List.of("events", "users"), false);
      default -> throw new IllegalArgumentException("unknown query " + name);
    };
  }

  /** The number of records of one input when the query is given `records` in all. */
  static int inputRecords(String dataset, int records) {
    return dataset.equals("users") ? Data.USERS : records;
  }

  // ---- values ----------------------------------------------------------------------------------------------------

  public static final class Event {
    public String event_id, event_name, user_id, session_id, post_id, country, device, browser, url, referrer, version;
    public long ts;
    public int duration_ms, scroll;
  }

  @JsonPropertyOrder({"event_id", "user_id", "session_id", "post_id", "country", "device", "minute", "long"})
  public static final class Viewed {
    public String event_id, user_id, session_id, post_id, country, device;
    public long minute;
    @JsonProperty("long")
    public boolean isLong;
  }

  public static final class User {
    public String user_id, name, country, plan;
    public int score;
    public long signup;
  }

  @JsonPropertyOrder({"event_id", "event_name", "user_id", "post_id", "ts", "country", "user_name", "user_plan", "user_country", "user_score"})
  public static final class Enriched {
    public String event_id, event_name, user_id, post_id;
    public long ts;
    public String country, user_name, user_plan, user_country;
    public int user_score;
  }

  static final ObjectMapper MAPPER = new ObjectMapper();

  static <T> Serde<T> json(Class<T> type) {
    ObjectReader reader = MAPPER.readerFor(type);
    ObjectWriter writer = MAPPER.writerFor(type);
    Serializer<T> serializer = (topic, value) -> {
      try {
        return value == null ? null : writer.writeValueAsBytes(value);
      } catch (JsonProcessingException error) {
        throw new IllegalStateException(error);
      }
    };
    Deserializer<T> deserializer = (topic, bytes) -> {
      try {
        return bytes == null ? null : reader.readValue(bytes);
      } catch (IOException error) {
        throw new IllegalStateException(error);
      }
    };
    return Serdes.serdeFrom(serializer, deserializer);
  }

  static final Serde<String> STRING = Serdes.String();
  static final Serde<Long> LONG = Serdes.Long();
  static final Serde<byte[]> BYTES = Serdes.ByteArray();
  
  static String at(Windowed<String> key) {
    return key.key() + "@" + key.window().start();
  }

  // ---- topologies ------------------------------------------------------------------------------------------------

  static void build(String name, StreamsBuilder b, List<String> topics, String out) {
    String first = topics.get(0);
    switch (name) {
      case "passthrough" -> b.stream(first, Consumed.with(BYTES, BYTES)).to(out, Produced.with(BYTES, BYTES));
      case "filter-map" -> b.stream(first, Consumed.with(STRING, json(Event.class)))
          .filter((key, e) -> !e.event_name.equals("page_left") && !e.event_name.equals("heartbeat"))
          .mapValues(e -> {
            Viewed v = new Viewed();
            v.event_id = e.event_id;
            v.user_id = e.user_id;
            v.session_id = e.session_id;
            v.post_id = e.post_id;
            v.country = e.country;
            v.device = e.device;
            v.minute = e.ts / 60_000;
            v.isLong = e.duration_ms > 30_000;
            return v;
          })
          .to(out, Produced.with(STRING, json(Viewed.class)));
      case "count" -> b.stream(first, Consumed.with(Serdes.Integer(), BYTES))
          .groupByKey()
          .count(Materialized.as("counts"))
          .toStream()
          .to(out, Produced.with(Serdes.Integer(), LONG));
      case "windowed-count" -> b.stream(first, Consumed.with(STRING, json(Event.class)))
          .filter((key, e) -> !e.event_name.equals("heartbeat"))
          .groupByKey()
          .windowedBy(TimeWindows.ofSizeAndGrace(Duration.ofMinutes(1), Duration.ofMinutes(1)))
          .count(Materialized.as("counts"))
          .toStream((key, value) -> at(key))
          .to(out, Produced.with(STRING, LONG));
      case "stream-table-join" -> {
        KTable<String, User> users = b.table(topics.get(1), Consumed.with(STRING, json(User.class)), Materialized.as("users"));
        b.stream(first, Consumed.with(STRING, json(Event.class)))
            .join(users, (e, u) -> {
              Enriched r = new Enriched();
              r.event_id = e.event_id;
              r.event_name = e.event_name;
              r.user_id = e.user_id;
              r.post_id = e.post_id;
              r.ts = e.ts;
              r.country = e.country;
              r.user_name = u.name;
              r.user_plan = u.plan;
              r.user_country = u.country;
              r.user_score = u.score;
              return r;
            }, Joined.with(STRING, json(Event.class), json(User.class)))
            .to(out, Produced.with(STRING, json(Enriched.class)));
      }
      default -> throw new IllegalArgumentException(name);
    }
  }
}

#include "engine/daemon/job.h"

#include <gtest/gtest.h>

namespace robosync::daemon {
namespace {

Job full() {
  return {"config\n", "f.toml", "tokens", "cert", std::string("k\0y", 3), "ca", "::1", "1"};
}

TEST(JobTest, arrives_as_it_was_sent) {
  const auto job = decode_job(encode_job(full()));
  ASSERT_TRUE(job);
  EXPECT_EQ(encode_job(*job), encode_job(full()));
  EXPECT_EQ(job->key_file, full().key_file);
  EXPECT_EQ(job->client_ca_file, "ca");
  EXPECT_EQ(job->journal, "1");
}

TEST(JobTest, a_shortened_or_lengthened_job_is_none) {
  const std::string bytes = encode_job(full());
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    EXPECT_FALSE(decode_job(std::string_view(bytes).substr(0, length))) << length;
  }
  EXPECT_FALSE(decode_job(bytes + '\0'));
  std::string long_field = bytes;
  long_field[8 + 3] = '\x7f';
  EXPECT_FALSE(decode_job(long_field));
}

TEST(JobTest, has_a_limit) {
  Job job;
  const std::size_t rest = encode_job(job).size();
  job.config_text.assign(kJobBytesMax - rest, 'x');
  EXPECT_TRUE(decode_job(encode_job(job)));
  job.config_text += 'x';
  EXPECT_EQ(decode_job(encode_job(job)).error().kind, base::ErrorKind::kLimit);
}

}  // namespace
}  // namespace robosync::daemon

// The command line of dump-log.

#include "sim/app/dump_log_command.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <gmock/gmock.h>
#include <iostream>
#include <sstream>

#include <gtest/gtest.h>

#include "tests/unit/app/dump_log_support.h"

namespace bsim::dump_log::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// Takes what is written to a stream while it lives.
class Captured {
  public:
    explicit Captured(std::ostream& stream)
        : stream_(stream), before_(stream.rdbuf(text_.rdbuf())) {}
    ~Captured() { stream_.rdbuf(before_); }
    Captured(const Captured&) = delete;
    Captured& operator=(const Captured&) = delete;
    std::string text() const { return text_.str(); }

  private:
    std::ostringstream text_;
    std::ostream& stream_;
    std::streambuf* before_;
};

struct Ran {
    int exit_code = -1;
    std::string out;
    std::string err;
};

Ran run(std::vector<std::string> words) {
    CLI::App root("test");
    bool json = false;
    root.add_flag("--json", json);
    root.fallthrough();
    Ran ran;
    add_dump_log_command(root, ran.exit_code);
    std::reverse(words.begin(), words.end());  // as CLI11 takes them
    const Captured out(std::cout);
    const Captured err(std::cerr);
    root.parse(words);
    ran.out = out.text();
    ran.err = err.text();
    return ran;
}

const std::string& log_file() {
    static const std::string path = golden("broker1/g-none-0/00000000000000000000.log").string();
    return path;
}
const std::string& offsets_file() {
    static const std::string path =
        golden("broker1/__consumer_offsets-1/00000000000000000000.log").string();
    return path;
}

TEST(DumpLogCommand, OfOneFileBatchesAreShown) {
    const Ran ran = run({"dump-log", log_file()});
    EXPECT_EQ(ran.exit_code, 0);
    EXPECT_THAT(ran.out, StartsWith("Log starting offset: 0\nbaseOffset: 0 lastOffset: 9 "));
    EXPECT_THAT(ran.out, Not(HasSubstr("| offset:")));
}

TEST(DumpLogCommand, DeepIterationShowsRecordsWithoutTheirContents) {
    const Ran ran = run({"dump-log", "--deep-iteration", log_file()});
    EXPECT_THAT(ran.out, HasSubstr("| offset: 0 "));
    EXPECT_THAT(ran.out, Not(HasSubstr("payload:")));
}

TEST(DumpLogCommand, ADecoderImpliesPrinting) {
    const Ran ran = run({"dump-log", offsets_file(), "--offsets-decoder"});
    EXPECT_EQ(ran.exit_code, 0);
    EXPECT_THAT(ran.out, HasSubstr(R"( key: {"type":"2","data":{"group":)"));
    EXPECT_THAT(run({"dump-log", "--cluster-metadata-decoder", log_file()}).out,
                HasSubstr(" payload: Error at 0, skipping. "));
}

TEST(DumpLogCommand, TheOffsetsDecoderComesBeforeTheOthers) {
    EXPECT_EQ(run({"dump-log", "--cluster-metadata-decoder", "--transaction-log-decoder",
                   "--offsets-decoder", offsets_file()})
                  .out,
              run({"dump-log", "--offsets-decoder", offsets_file()}).out);
}

TEST(DumpLogCommand, OptionsMayRepeatAndStandAnywhereAndSuitAnyFile) {
    const std::string snapshot = golden("broker1/g-idem-0/00000000000000000020.snapshot").string();
    const Ran ran = run({"dump-log", "--print-data-log", "--print-data-log", snapshot,
                         "--deep-iteration", "--index-sanity-check", "--index-sanity-check",
                         "--offsets-decoder", "--print-data-log"});
    EXPECT_EQ(ran.exit_code, 0);
    EXPECT_THAT(ran.out, StartsWith("producerId: "));
}

TEST(DumpLogCommand, SeveralFilesAreNamed) {
    const Ran ran = run({"dump-log", log_file(), offsets_file()});
    EXPECT_EQ(ran.exit_code, 0);
    EXPECT_THAT(ran.out, StartsWith("Dumping " + log_file() + "\n"));
    EXPECT_THAT(ran.out, HasSubstr("\nDumping " + offsets_file() + "\n"));
}

TEST(DumpLogCommand, ComplaintsGoToStandardErrorAndMakeTheExitCodeOne) {
    const Ran ran = run({"dump-log", "nowhere/1.log", log_file()});
    EXPECT_EQ(ran.exit_code, 1);
    EXPECT_THAT(ran.err, HasSubstr("nowhere/1.log"));
    EXPECT_THAT(ran.out, Not(HasSubstr("nowhere/1.log: ")));
}

TEST(DumpLogCommand, JsonMayBeAskedForBeforeAndBehindTheCommand) {
    const Ran behind = run({"dump-log", log_file(), "--json"});
    EXPECT_THAT(behind.out, StartsWith(R"({"files":[{"file":")"));
    EXPECT_EQ(run({"--json", "dump-log", log_file()}).out, behind.out);
}

TEST(DumpLogCommand, WithoutAFileItIsAUsageError) {
    EXPECT_THROW(run({"dump-log", "--print-data-log"}), CLI::RequiredError);
}

}  // namespace
}  // namespace bsim::dump_log::testing

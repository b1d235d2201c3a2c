// Dumps of files that real brokers wrote, and of logs made up for what those never hold, against
// what the real kafka-dump-log of Kafka 3.9.1 printed for them (FILE.dump.txt).

#include <algorithm>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/unit/app/dump_log_support.h"

namespace bsim::dump_log::testing {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kDumpSuffix = ".dump.txt";

// The files with a dump beside them.
std::vector<fs::path> dumped_files(const char* folder) {
    std::vector<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(BSIM_TEST_DATA) / folder)) {
        const std::string path = entry.path().string();
        if (path.ends_with(kDumpSuffix))
            files.emplace_back(path.substr(0, path.size() - kDumpSuffix.size()));
    }
    std::sort(files.begin(), files.end());
    return files;
}

std::string real_dump(const fs::path& file) {
    const Buffer bytes = read_bytes(file.string() + std::string(kDumpSuffix));
    const std::string text(bytes.begin(), bytes.end());
    EXPECT_TRUE(text.starts_with("Dumping "));
    return text.substr(text.find('\n') + 1);
}

std::size_t compare_all(const char* folder) {
    const auto files = dumped_files(folder);
    for (const fs::path& file : files) {
        SCOPED_TRACE(file);
        const Dump ours = dump_of(file, golden_options(file));
        const std::string real = real_dump(file);
        EXPECT_EQ(lines_of(ours.out), lines_of(real));
        EXPECT_TRUE(ours.out == real);
    }
    return files.size();
}

TEST(DumpLogGolden, FilesOfRealBrokersAreShownAsTheRealToolShowsThem) {
    EXPECT_GT(compare_all("golden"), 200U);
}

TEST(DumpLogGolden, MadeUpAndDamagedContentsAreShownAsTheRealToolShowsThem) {
    EXPECT_EQ(compare_all("dump_log"), 4U);
}

TEST(DumpLogGolden, SoundFilesGiveNoComplaint) {
    std::size_t checked = 0;
    for (const fs::path& file : dumped_files("golden")) {
        // Compacted logs have gaps.
        if (file.string().find("g-compact") != std::string::npos)
            continue;
        SCOPED_TRACE(file);
        EXPECT_EQ(dump_of(file, golden_options(file)).complaints, "");
        ++checked;
    }
    EXPECT_GT(checked, 150U);
}

// The numbers of lines in the text that show a batch, a record and another entry.
struct Counts {
    std::size_t batches = 0;
    std::size_t records = 0;
    std::size_t entries = 0;
    bool operator==(const Counts&) const = default;
};

Counts counts_of_text(const std::string& text) {
    Counts counts;
    for (const std::string& line : lines_of(text)) {
        if (line.starts_with("baseOffset: "))
            ++counts.batches;
        else if (line.starts_with("| offset: "))
            ++counts.records;
        else if (!line.starts_with("Log starting") && !line.starts_with("Snapshot end") &&
                 !line.starts_with("KRaft"))
            ++counts.entries;
    }
    return counts;
}

Counts counts_of_json(const nlohmann::json& file) {
    Counts counts;
    counts.entries = file.value("entries", nlohmann::json::array()).size();
    for (const auto& batch : file.value("batches", nlohmann::json::array())) {
        ++counts.batches;
        counts.records += batch.value("records", nlohmann::json::array()).size();
    }
    return counts;
}

TEST(DumpLogGolden, TheJsonFormHoldsWhatTheTextHolds) {
    for (const fs::path& file : dumped_files("golden")) {
        SCOPED_TRACE(file);
        Options options = golden_options(file);
        const Dump text = dump_of(file, options);
        options.json = true;
        const Dump dump = dump_of(file, options);
        EXPECT_EQ(dump.complaints, text.complaints);
        const auto json = nlohmann::json::parse(dump.out);
        ASSERT_EQ(json["files"].size(), 1U);
        EXPECT_EQ(json["files"][0]["file"], file.string());
        EXPECT_EQ(json["complaints"].size(), lines_of(dump.complaints).size());
        EXPECT_EQ(counts_of_json(json["files"][0]), counts_of_text(text.out));
    }
}

TEST(DumpLogGolden, TheJsonFormOfDecodedRecordsIsJsonThroughout) {
    const fs::path file = golden("broker1/bootstrap.checkpoint");
    Options options = golden_options(file);
    options.json = true;
    const auto json = nlohmann::json::parse(dump_of(file, options).out);
    const auto& shown = json["files"][0];
    EXPECT_EQ(shown["bootstrapSnapshot"], true);
    bool found = false;
    for (const auto& batch : shown["batches"]) {
        for (const auto& record : batch["records"]) {
            if (record.contains("payload"))
                found = found || record["payload"]["data"]["name"] == "metadata.version";
        }
    }
    EXPECT_TRUE(found);
}

}  // namespace
}  // namespace bsim::dump_log::testing

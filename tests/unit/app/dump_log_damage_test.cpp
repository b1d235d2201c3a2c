// Damaged, cut and misnamed files: what is still shown, what is complained about, and that nothing
// crashes. tests/conformance/dump_log_conformance.py compares such cases with the real tool.

#include <gmock/gmock.h>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/unit/app/dump_log_support.h"

namespace bsim::dump_log::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

const char* const kSegment = "00000000000000000000.log";
const char* const kIndex = "00000000000000000000.index";
const char* const kTimeIndex = "00000000000000000000.timeindex";

Buffer three_batches() {
    return read_bytes(golden("broker1/g-none-0") / kSegment);
}

Options printing() {
    Options options;
    options.print_data_log = true;
    return options;
}

TEST(DumpLogDamage, ATornTailIsReportedOnStdoutAndIsNoComplaint) {
    const Folder folder;
    const Buffer log = three_batches();
    const Dump dump = dump_of(folder.write(kSegment, ByteView(log).first(log.size() - 9)), {});
    EXPECT_TRUE(dump.clean);
    EXPECT_THAT(dump.out, EndsWith(" invalid bytes at the end of 00000000000000000000.log\n"));
    EXPECT_EQ(lines_of(dump.out).size(), 4U);  // start, two batches, tail
}

TEST(DumpLogDamage, AWrongChecksumIsShownAndIsNoComplaint) {
    const Folder folder;
    Buffer log = three_batches();
    log[300] ^= 1;  // in a value
    const Dump dump = dump_of(folder.write(kSegment, log), printing());
    EXPECT_TRUE(dump.clean);
    EXPECT_THAT(lines_of(dump.out)[1], EndsWith("isvalid: false"));
    EXPECT_THAT(dump.out, HasSubstr("| offset: 35 "));
}

TEST(DumpLogDamage, AnImpossibleBatchSizeEndsTheDumpWithAComplaint) {
    const Folder folder;
    Buffer log = three_batches();
    const std::size_t second = 12 + load_be<std::uint32_t>(log.data() + 8);
    store_be(log.data() + second + 8, std::int32_t{13});
    const Dump dump = dump_of(folder.write(kSegment, log), {});
    EXPECT_FALSE(dump.clean);
    EXPECT_EQ(lines_of(dump.out).size(), 2U);
    EXPECT_THAT(dump.complaints, HasSubstr("a batch of 13 bytes at position "));
}

TEST(DumpLogDamage, AnUnknownCodecEndsTheDumpInTheMiddleOfALine) {
    const Folder folder;
    Buffer log = three_batches();
    log[22] |= 7;
    const Dump dump = dump_of(folder.write(kSegment, log), {});
    EXPECT_FALSE(dump.clean);
    EXPECT_THAT(dump.out, EndsWith("deleteHorizonMs: OptionalLong.empty"));
    EXPECT_THAT(dump.complaints, HasSubstr("unknown compression type 7"));
}

TEST(DumpLogDamage, WhatFollowsTheFileThatEndsTheDumpIsNotShown) {
    const Folder folder;
    Buffer bad = three_batches();
    bad[22] |= 7;
    const std::string first = folder.write("1.log", bad).string();
    const std::string second = folder.write("2.log", three_batches()).string();
    EXPECT_THAT(dump_of({first, second}, {}).out, Not(HasSubstr("starting offset: 2")));
    EXPECT_THAT(dump_of({second, first}, {}).out, HasSubstr("starting offset: 2"));
}

TEST(DumpLogDamage, GapsBetweenRecordsAreComplainedAboutLastFirst) {
    const Folder folder;
    const Buffer one = three_batches();
    Buffer log = one;
    for (const std::int64_t base : {100, 200}) {
        Buffer moved = one;
        moved.resize(12 + load_be<std::uint32_t>(one.data() + 8));
        store_be(moved.data(), base);
        log.insert(log.end(), moved.begin(), moved.end());
    }
    const fs::path file = folder.write(kSegment, log);
    EXPECT_TRUE(dump_of(file, {}).clean);  // records are not looked at
    EXPECT_THAT(lines_of(dump_of(file, printing()).complaints),
                ElementsAre("Non-consecutive offsets in " + file.string(),
                            "  109 is followed by 200", "  35 is followed by 100"));
}

TEST(DumpLogDamage, AnIndexNeedsTheLogBesideIt) {
    const Folder folder;
    const Buffer index = read_bytes(golden("broker1/g-smallseg-0") / kIndex);
    const Dump dump = dump_of(folder.write(kIndex, index), {});
    EXPECT_FALSE(dump.clean);
    EXPECT_EQ(dump.out, "");
    EXPECT_THAT(dump.complaints, HasSubstr("00000000000000000000.log"));
}

TEST(DumpLogDamage, AnEmptyIndexSaysSo) {
    const Folder folder;
    folder.write(kSegment, three_batches());
    const fs::path file = folder.write(kIndex, {});
    const Dump dump = dump_of(file, {});
    EXPECT_TRUE(dump.clean);
    EXPECT_EQ(dump.out, file.string() + " is empty.\n");
}

TEST(DumpLogDamage, AnIndexEntryThatPointsElsewhereIsShownAndComplainedAbout) {
    const Folder folder;
    const fs::path file = folder.copy_segment(golden("broker1/g-smallseg-0") / kIndex);
    Buffer index = read_bytes(file);
    const auto indexed = load_be<std::int32_t>(index.data());
    store_be(index.data(), indexed + 1);
    folder.write(kIndex, index);
    const Dump dump = dump_of(file, {});
    EXPECT_EQ(lines_of(dump.out).size(), index.size() / 8);
    EXPECT_THAT(lines_of(dump.complaints),
                ElementsAre("Mismatches in :" + file.string(),
                            "  Index offset: " + std::to_string(indexed + 1) +
                                ", log offset: " + std::to_string(indexed)));
    Options verify;
    verify.verify_index_only = true;
    EXPECT_EQ(dump_of(file, verify).out, "");
    EXPECT_EQ(dump_of(file, verify).complaints, dump.complaints);
}

TEST(DumpLogDamage, ZerosBehindTheEntriesOfAnOpenSegmentEndTheDump) {
    const fs::path file = golden("crash-broker3/g-smallseg-0") / "00000000000000001382.index";
    const Buffer index = read_bytes(file);
    ASSERT_EQ(index.size(), 4096U);
    const Dump dump = dump_of(file, {});
    EXPECT_GT(lines_of(dump.out).size(), 1U);
    EXPECT_LT(lines_of(dump.out).size(), 100U);
    EXPECT_TRUE(dump.clean);
}

TEST(DumpLogDamage, TheSanityCheckLooksAtTheLastEntryAndTheLength) {
    const Folder folder;
    const fs::path file = folder.copy_segment(golden("broker1/g-smallseg-0") / kIndex);
    Options sanity;
    sanity.index_sanity_check = true;
    EXPECT_EQ(dump_of(file, sanity).out, file.string() + " passed sanity check.\n");
    Buffer index = read_bytes(file);
    index.push_back(0);
    folder.write(kIndex, index);
    EXPECT_THAT(dump_of(file, sanity).complaints, HasSubstr("no multiple of 8"));
    index.pop_back();
    store_be(index.data() + index.size() - 8, std::int32_t{-1});
    folder.write(kIndex, index);
    EXPECT_THAT(dump_of(file, sanity).complaints, HasSubstr("below the base 0"));
    EXPECT_EQ(dump_of(file, sanity).out, "");
}

TEST(DumpLogDamage, TimeIndexEntriesAreCheckedForOrderTimestampAndOffset) {
    const Folder folder;
    const fs::path file = folder.copy_segment(golden("broker1/g-smallseg-0") / kTimeIndex);
    const Buffer good = read_bytes(file);
    ASSERT_GE(good.size(), 36U);
    const auto first = load_be<std::int64_t>(good.data());
    const auto second = load_be<std::int64_t>(good.data() + 12);

    Buffer bad = good;
    store_be(bad.data() + 12, first);
    folder.write(kTimeIndex, bad);
    EXPECT_THAT(lines_of(dump_of(file, {}).complaints),
                ElementsAre("Found timestamp mismatch in :" + file.string(),
                            "  Index timestamp: " + std::to_string(first) +
                                ", log timestamp: " + std::to_string(second),
                            "Found out of order timestamp in :" + file.string(),
                            "  Index timestamp: " + std::to_string(first) +
                                ", Previously indexed timestamp: " + std::to_string(first)));

    bad = good;
    const auto offset = load_be<std::int32_t>(good.data() + 8);
    store_be(bad.data() + 8, offset - 1);
    folder.write(kTimeIndex, bad);
    EXPECT_THAT(lines_of(dump_of(file, {}).complaints),
                ElementsAre("The following indexed offsets are not found in the log.",
                            "Indexed offset: " + std::to_string(offset - 1) +
                                ", found log offset: " + std::to_string(offset)));
}

TEST(DumpLogDamage, ACorruptSnapshotIsComplainedAboutAndTheNextFileIsShown) {
    const Folder folder;
    Buffer snapshot = read_bytes(golden("broker1/g-idem-0/00000000000000000020.snapshot"));
    snapshot[20] ^= 1;
    const std::string bad = folder.write("20.snapshot", snapshot).string();
    const std::string log = folder.write("0.log", three_batches()).string();
    const Dump dump = dump_of({bad, log}, {});
    EXPECT_FALSE(dump.clean);
    EXPECT_THAT(dump.complaints, HasSubstr("the stored CRC is "));
    EXPECT_THAT(dump.out,
                StartsWith("Dumping " + bad + "\nDumping " + log + "\nLog starting offset: 0\n"));
}

TEST(DumpLogDamage, AFileOfAnotherKindIsPassedOver) {
    const Folder folder;
    const std::string log = folder.write("0.log", three_batches()).string();
    const Dump dump = dump_of({folder.path("0.log.deleted").string(), log}, {});
    EXPECT_FALSE(dump.clean);
    EXPECT_THAT(dump.complaints, StartsWith("Ignoring unknown file "));
    EXPECT_THAT(dump.out, HasSubstr("Log starting offset: 0\n"));
}

TEST(DumpLogDamage, NamesThatTellNoOffsetAreComplainedAbout) {
    const Folder folder;
    for (const char* name : {"nodot", "x.log", ".index", "12345678901234567890.log", "9.checkpoint",
                             "00000000000000000001-000000000x.checkpoint"}) {
        const Dump dump = dump_of(folder.write(name, three_batches()), {});
        EXPECT_FALSE(dump.clean) << name;
        EXPECT_EQ(dump.out, "") << name;
    }
    const char* snapshot = "00000000000000000001-0000000002.checkpoint";
    EXPECT_THAT(dump_of(folder.write(snapshot, three_batches()), {}).out,
                StartsWith("Snapshot end offset: 1, epoch: 2\nbaseOffset: 0 "));
}

TEST(DumpLogDamage, AFileThatIsNotThereIsComplainedAbout) {
    const Folder folder;
    for (const char* name : {"1.log", "1.index", "1.timeindex", "1.txnindex", "1.snapshot"}) {
        const Dump dump = dump_of(folder.path(name), {});
        EXPECT_FALSE(dump.clean) << name;
        EXPECT_THAT(dump.complaints, HasSubstr("cannot read ")) << name;
    }
}

// Dumps the bytes under that name in text and JSON; the result has to be well formed.
void expect_survived(const Folder& folder,
                     const std::string& name,
                     ByteView bytes,
                     Options options) {
    const fs::path file = folder.write(name, bytes);
    const Dump text = dump_of(file, options);
    EXPECT_EQ(text.clean, text.complaints.empty());
    options.json = true;
    const Dump json = dump_of(file, options);
    EXPECT_EQ(json.complaints, text.complaints);
    EXPECT_TRUE(nlohmann::json::accept(json.out)) << json.out;
}

TEST(DumpLogDamage, EveryFlippedByteAndEveryCutOfASmallFileIsSurvived) {
    for (const char* name :
         {"g-timestamps-neg1-0/00000000000000000000.log", "g-idem-0/00000000000000000020.snapshot",
          "g-smallseg-txn-0/00000000000000000080.txnindex",
          "__consumer_offsets-2/00000000000000000000.log",
          "g-multi-1/00000000000000000000.timeindex"}) {
        const fs::path from = golden(std::string("broker1/") + name);
        SCOPED_TRACE(name);
        const Folder folder;
        folder.copy_segment(from);
        const std::string file_name = from.filename().string();
        const Buffer good = read_bytes(from);
        ASSERT_LT(good.size(), 4096U);
        for (std::size_t at = 0; at < good.size(); ++at) {
            Buffer bad = good;
            bad[at] ^= 0xff;
            expect_survived(folder, file_name, bad, golden_options(from));
            expect_survived(folder, file_name, ByteView(good).first(at), golden_options(from));
        }
    }
}

TEST(DumpLogDamage, FlippedBytesOfCompressedBatchesAreSurvived) {
    const Folder folder;
    for (const char* codec : {"gzip", "snappy", "lz4", "zstd"}) {
        SCOPED_TRACE(codec);
        const Buffer good = read_bytes(golden("broker1/g-" + std::string(codec) + "-0") / kSegment);
        std::size_t stopped = 0;
        for (std::size_t at = 61; at < good.size(); at += 3) {
            Buffer bad = good;
            bad[at] ^= 0x55;
            const Dump dump = dump_of(folder.write(kSegment, bad), printing());
            stopped += dump.clean ? 0 : 1;
        }
        EXPECT_GT(stopped, 10U);
    }
}

}  // namespace
}  // namespace bsim::dump_log::testing

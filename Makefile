# make run    installs what is missing, builds, and starts the kv sample: three node processes on loopback
# make test   the same set-up, then every test
# make help   the other targets

BUILD ?= build
JOBS ?= $(shell nproc)
CLUSTER ?= demo.toml

# Debian 12 and Ubuntu of that age. Everything that the build, the tests and the habits use.
PACKAGES = g++ cmake ninja-build pkg-config ccache \
  libcaf-dev capnproto libcapnp-dev libxxhash-dev libtomlplusplus-dev libcli11-dev libspdlog-dev \
  nlohmann-json3-dev libfmt-dev prometheus-cpp-dev libcpp-httplib-dev librocksdb-dev libnl-route-3-dev libmimalloc-dev \
  libgtest-dev libgmock-dev libbenchmark-dev librapidcheck-dev libhiredis-dev libldns-dev dnsutils redis-server redis-tools \
  curl procps iproute2 iputils-ping nftables libcap2-bin clang libclang-rt-14-dev clang-tidy clang-format

SOURCES = git ls-files '*.cpp' '*.hpp'

.PHONY: help deps configure build run test sanitize mutants bench format tidy clean

help:
	@echo "make run       build, and start the kv sample on this machine"
	@echo "make test      build, and run every test"
	@echo "make sanitize  every test under AddressSanitizer and UBSan, then under ThreadSanitizer"
	@echo "make mutants   switches on bugs one at a time: the tests must notice each"
	@echo "make bench     build and run the benchmarks"
	@echo "make format    clang-format every source file"
	@echo "make tidy      clang-tidy every source file"
	@echo "make deps      install the packages that are missing"
	@echo "make build     configure and build into $(BUILD)/"
	@echo "make clean     remove $(BUILD)/ and the build directories of the other targets"

deps:
	@cmake/install-packages.sh $(PACKAGES)

configure: deps
	@mkdir -p $(BUILD)
	@cmake -S . -B $(BUILD) -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo >$(BUILD)/configure.log 2>&1 \
	  || { cat $(BUILD)/configure.log; exit 1; }

build: deps
	@[ -e $(BUILD)/build.ninja ] || $(MAKE) --no-print-directory configure
	@cmake --build $(BUILD) -j $(JOBS)

run: build
	@exec $(BUILD)/bin/kv cluster --config $(CLUSTER)

test: build
	@ctest --test-dir $(BUILD) --output-on-failure

# Not under ThreadSanitizer: simulations, which have one thread, and whole clusters, whose loops stand for seconds while what
# tests/tsan.supp leaves out is looked up.
sanitize: deps
	@cmake -S . -B $(BUILD)-asan -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DUNDERSTUDY_SANITIZE=address,undefined
	@cmake --build $(BUILD)-asan -j $(JOBS)
	@ctest --test-dir $(BUILD)-asan --output-on-failure -LE net
	@cmake -S . -B $(BUILD)-tsan -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DUNDERSTUDY_SANITIZE=thread
	@cmake --build $(BUILD)-tsan -j $(JOBS)
	@ctest --test-dir $(BUILD)-tsan --output-on-failure -LE 'net|cluster|sim'

mutants: deps
	@cmake -S . -B $(BUILD)-mutants -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DUNDERSTUDY_MUTANTS=ON >/dev/null
	@cmake --build $(BUILD)-mutants -j $(JOBS) --target leader_follower_sim_test leader_follower_rules_test simulated_cluster_test client_test loss_test log_test log_property_test
	@tests/mutants/run.sh $(BUILD)-mutants

bench: build
	@for program in $(BUILD)/bench/*; do echo "== $$program"; $$program || exit 1; done

format: deps
	@$(SOURCES) | xargs clang-format -i

# With clang's own flags and without precompiled headers: it reads no others. Not what only builds where gRPC is.
tidy: deps
	@cmake -S . -B $(BUILD)-tidy -G Ninja -DCMAKE_CXX_COMPILER=clang++ -DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON >/dev/null
	@ninja -C $(BUILD)-tidy -t targets all | grep -oE '^[a-zA-Z0-9_/.-]+\.capnp\.h' | grep -v '^/' | sort -u | xargs ninja -C $(BUILD)-tidy
	@git ls-files '*.cpp' ':!tests/bench/kv/etcd_load.cpp' | xargs -P $(JOBS) -n 4 clang-tidy -p $(BUILD)-tidy --quiet

clean:
	@rm -rf $(BUILD) $(BUILD)-asan $(BUILD)-tsan $(BUILD)-mutants $(BUILD)-tidy

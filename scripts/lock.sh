#!/bin/sh
# Lock files of versions and hashes, without download addresses.
set -eu
bin=.venv/bin
"$bin/pip" install --quiet pip-tools
options="--quiet --upgrade --generate-hashes --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-header --strip-extras --allow-unsafe --no-annotate"
"$bin/pip-compile" $options -o requirements.lock pyproject.toml
"$bin/python" -c "
import tomllib
project = tomllib.load(open('pyproject.toml', 'rb'))
print('\n'.join(project['project']['dependencies'] + project['dependency-groups']['dev']))" > dev.in
"$bin/pip-compile" $options -o requirements-dev.lock dev.in
echo 'ziglang~=0.17.0' > compiler.in   # a C compiler for machines without one; scripts/native.py
"$bin/pip-compile" $options -o requirements-compiler.lock compiler.in
rm dev.in compiler.in
"$bin/pip" download --quiet --no-deps --dest paper 'zhplot~=1.0.0'   # carries the face of the PDFs; scripts/paper.py
for wheel in paper/zhplot-*.whl; do
    version=${wheel#paper/zhplot-}
    printf 'zhplot==%s \\\n    %s\n' "${version%%-*}" "$("$bin/pip" hash "$wheel" | tail -1)" > requirements-paper.lock
done
rm -r paper
